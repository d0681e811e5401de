import { SupervisorError } from '../../errors.ts';

export const SHELLS = ['sh', 'bash', 'zsh', 'fish', 'pwsh', 'cmd'] as const;
export type Shell = (typeof SHELLS)[number];

/** How one shell is told a variable, and what it cannot be told. */
interface Dialect {
  readonly statement: (name: string, value: string) => string;
  /** Why it cannot be, or null. */
  readonly problem: (name: string, value: string) => string | null;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const noName = (name: string) => (NAME.test(name) ? null : 'is no name for a variable there');

/** Nothing is special between single quotes, so one of its own has to stand outside. */
const posix: Dialect = {
  statement: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  problem: noName,
};

const fish: Dialect = {
  statement: (name, value) => `set -gx ${name} '${value.replace(/['\\]/g, '\\$&')}'`,
  problem: noName,
};

/** What PowerShell takes for a single quote, typographic ones included; doubled it stands for itself. */
const PWSH_QUOTES = /['\u2018-\u201b]/g;

/** One line for each variable, since PowerShell hands a program's output on line by line. */
const pwsh: Dialect = {
  statement: (name, value) => {
    const parts = value.split(/([\r\n]+)/).map((part, index) => {
      if (index % 2 === 0) return `'${part.replace(PWSH_QUOTES, '$&$&')}'`;
      return `"${part.replaceAll('\r', '`r').replaceAll('\n', '`n')}"`;
    });
    return `$\{env:${name}} = ${parts.join(' + ')}`;
  },
  problem: () => null,
};

/** The longest line that cmd reads. */
const CMD_MAX_CHARACTERS = 8191;
/** Ctrl-Z ends a batch file. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
const CMD_IMPOSSIBLE = /[\r\n\u001a]/;

/**
 * For a batch file: there `%%` is a percent sign. Quotes are escaped too, so that cmd never takes a part
 * for quoted, and each special character has its caret. The @ keeps cmd from showing the line.
 */
const cmd: Dialect = {
  statement: (name, value) => `@set ^"${name}=${value.replace(/["^&|<>()]/g, '^$&').replaceAll('%', '%%')}^"`,
  problem: (name, value) => {
    if (CMD_IMPOSSIBLE.test(value)) return 'has a line break';
    return cmd.statement(name, value).length > CMD_MAX_CHARACTERS ? 'is too long' : null;
  },
};

const DIALECTS: Readonly<Record<Shell, Dialect>> = { sh: posix, bash: posix, zsh: posix, fish, pwsh, cmd };

/**
 * The statements that give a shell these variables, a line each but for line breaks in values. Throws
 * `usage.invalid` with the names of those that this shell cannot have.
 */
export function exportsText(values: Readonly<Record<string, string>>, shell: Shell): string {
  const { statement, problem } = DIALECTS[shell];
  const entries = Object.entries(values);
  const problems = entries.flatMap(([name, value]) => {
    const found = value.includes('\0') ? 'has a NUL byte' : problem(name, value);
    return found === null ? [] : [`${name} ${found}`];
  });
  if (problems.length > 0) {
    const message = `${shell} cannot be given every variable: ${problems.join(', ')}`;
    const hint = 'Run the command with `mcp-supervisor exec -- COMMAND`, or use --json.';
    throw new SupervisorError('usage.invalid', message, hint);
  }
  return entries.map(([name, value]) => `${statement(name, value)}\n`).join('');
}

/** How the output is used, for whoever tried to read it. */
export const USES: Readonly<Record<Shell, string>> = {
  sh: 'eval "$(mcp-supervisor env)"',
  bash: 'eval "$(mcp-supervisor env)"',
  zsh: 'eval "$(mcp-supervisor env)"',
  fish: 'mcp-supervisor env --shell fish | source',
  pwsh: 'mcp-supervisor env --shell pwsh | ForEach-Object { Invoke-Expression $_ }',
  cmd: 'mcp-supervisor exec -- cmd',
};

/** The shell that was asked for, else that of the user: `SHELL`, or PowerShell on Windows. */
export function shellOf(
  asked: string | undefined,
  userShell: string | undefined,
  platform: NodeJS.Platform = process.platform,
): Shell {
  const name =
    asked ??
    userShell
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/\.exe$/i, '');
  if (name === undefined || name === '') return platform === 'win32' ? 'pwsh' : 'sh';
  const shell = SHELLS.find((candidate) => candidate === (ALIASES[name] ?? name));
  if (shell !== undefined) return shell;
  const message = asked === undefined ? `SHELL names ${name}, which is` : `--shell ${name} is`;
  throw new SupervisorError(
    'usage.invalid',
    `${message} none that env can write for`,
    `Say --shell, and one of ${SHELLS.join(', ')}.`,
  );
}

/** They read what another one does. */
const ALIASES: Readonly<Record<string, Shell>> = { dash: 'sh', ash: 'sh', ksh: 'sh', powershell: 'pwsh' };
