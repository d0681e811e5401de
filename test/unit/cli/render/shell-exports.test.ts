import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportsText, SHELLS, type Shell, shellOf } from '../../../../src/cli/render/shell-exports.ts';
import { parsePowershell } from '../../../support/powershell.ts';
import { isInstalled } from '../../../support/programs.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** What shells trip over, besides anything that Unicode has. */
const NASTY = [
  ...['', ' ', "'", '"', '`', '$', '$HOME', '${HOME}', '$(id)', '`id`', '\\', '\\\\', "\\'", "'\\''", '!'],
  ...['!!', '%', '%PATH%', '%%', '^', '&', '|', '<', '>', '(', ')', ';', '#', '~', '*', '?', '[a]', '{a,b}'],
  ...[
    '\n',
    '\r\n',
    '\r',
    '\t',
    '-n',
    '=',
    '\u2018',
    '\u2019',
    '\u201a',
    '\u201b',
    '\u201c',
    'é',
    '日本',
    '🦑',
  ],
];
const character = fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll('\0', ''));
const value = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), character), { maxLength: 8 })
  .map((parts) => parts.join(''));
const values = fc.array(value, { minLength: 1, maxLength: 30 });

const named = (list: readonly string[]) => Object.fromEntries(list.map((text, index) => [`V${index}`, text]));

/** The program of each that this machine may have, and how it is told to evaluate its stdin. */
const PROGRAMS: readonly (readonly [program: string, shell: Shell, evaluate: string])[] = [
  ['sh', 'sh', 'eval "$(cat)"'],
  ['bash', 'bash', 'eval "$(cat)"'],
  ['dash', 'sh', 'eval "$(cat)"'],
  ['ksh', 'sh', 'eval "$(cat)"'],
  ['zsh', 'zsh', 'eval "$(cat)"'],
  // It sources from a pipe, and Node's stdin is a socket.
  ['fish', 'fish', 'cat | source'],
];
const here = PROGRAMS.filter(([program]) => ['sh', 'bash'].includes(program) || isInstalled(program));

describe.each(here)('%s', (program, shell, evaluate) => {
  it('is given every value as it is', () => {
    // fish writes there, and complains where it may not.
    const { dir: home } = tempDir();
    fc.assert(
      fc.property(values, (list) => {
        const print = `printf '%s\\0' ${list.map((_, index) => `"$V${index}"`).join(' ')}`;
        const input = exportsText(named(list), shell);
        const { stdout, stderr, status } = spawnSync(program, ['-c', `${evaluate}; ${print}`], {
          input,
          env: { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C.UTF-8' },
        });
        expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
        expect(stdout.toString().split('\0').slice(0, -1)).toEqual(list);
      }),
      { numRuns: 20 },
    );
  });

  it('passes them on to what it starts', () => {
    const input = exportsText({ A_B1: "it's $HOME" }, shell);
    const { stdout } = spawnSync(program, ['-c', `${evaluate}; env`], { input });
    expect(stdout.toString().split('\n')).toContain("A_B1=it's $HOME");
  });
});

/** Reads statements by the rules of about_Quoting_Rules: a doubled quote is one, a backtick escapes. */
function readByPwshRules(text: string): Record<string, string> {
  const statements = text.split('\n').slice(0, -1);
  return Object.fromEntries(
    statements.map((line) => {
      const [, name = '', expression = ''] = /^\$\{env:([^{}]+)\} = (.*)$/s.exec(line) ?? [];
      const parts =
        /(['\u2018-\u201b](?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*['\u2018-\u201b]|"[^"]*")(?: \+ |$)/gy;
      const found = [...expression.matchAll(parts)];
      expect(found.map(([all]) => all).join('')).toBe(expression);
      const texts = found.map(([, literal = '']) => {
        const inner = literal.slice(1, -1);
        if (literal.startsWith('"')) return inner.replaceAll('`r', '\r').replaceAll('`n', '\n');
        return inner.replace(/(['\u2018-\u201b])['\u2018-\u201b]/g, '$1');
      });
      return [name, texts.join('')];
    }),
  );
}

/** Reads a batch file as cmd does: percent signs first, then carets and quotes, then what `set` makes of it. */
function readByCmdRules(text: string): Record<string, string> {
  const lines = text.split('\n').slice(0, -1);
  return Object.fromEntries(
    lines.map((line) => {
      const percented = line.replace(/%(%?)/g, (_, second: string) => {
        expect(second).toBe('%');
        return '%';
      });
      let quoted = false;
      let command = '';
      for (let index = 0; index < percented.length; index++) {
        const at = percented.charAt(index);
        if (at === '^' && !quoted) command += percented.charAt(++index);
        else {
          if (at === '"') quoted = !quoted;
          else if (!quoted) expect('&|<>()').not.toContain(at);
          command += at;
        }
      }
      const [, name = '', rest = ''] = /^@set "([^=]+)=(.*)"$/s.exec(command) ?? [];
      return [name, rest];
    }),
  );
}

describe('pwsh', () => {
  it('is given every value as it is, a line each', () => {
    fc.assert(
      fc.property(values, (list) => {
        const text = exportsText(named(list), 'pwsh');
        expect(text).not.toContain('\r');
        expect(readByPwshRules(text)).toEqual(named(list));
      }),
    );
  });

  it('is PowerShell', async () => {
    await fc.assert(
      fc.asyncProperty(values, async (list) => {
        expect((await parsePowershell(exportsText(named(list), 'pwsh'))).hasError).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it('doubles all that it takes for a single quote, and writes line breaks as escapes', () => {
    expect(exportsText({ A: "a'b\u2018c\u2019d\u201ae\u201bf" }, 'pwsh')).toBe(
      "${env:A} = 'a''b\u2018\u2018c\u2019\u2019d\u201a\u201ae\u201b\u201bf'\n",
    );
    expect(exportsText({ 'a.b-c': '$x `n "q"\r\n%' }, 'pwsh')).toBe(
      '${env:a.b-c} = \'$x `n "q"\' + "`r`n" + \'%\'\n',
    );
    expect(exportsText({ A: '' }, 'pwsh')).toBe("${env:A} = ''\n");
  });
});

describe('cmd', () => {
  it('is given every value of one line as it is', () => {
    fc.assert(
      fc.property(values, (list) => {
        const oneLine = list.map((text) => text.replaceAll('\u001a', '').replace(/[\r\n]/g, '-'));
        expect(readByCmdRules(exportsText(named(oneLine), 'cmd'))).toEqual(named(oneLine));
      }),
    );
  });

  it('is shown nothing, and told percent signs and carets by its rules', () => {
    expect(exportsText({ A: '100% "of" a&b^c !x!' }, 'cmd')).toBe('@set ^"A=100%% ^"of^" a^&b^^c !x!^"\n');
  });

  it('cannot have line breaks or very long values, and the error names them all', () => {
    const all = { FINE: 'x', KEY: 'secret\nvalue', CR: 'a\rb', LONG: 'x'.repeat(8_200) };
    expect(() => exportsText(all, 'cmd')).toThrow(
      'cmd cannot be given every variable: KEY has a line break, CR has a line break, LONG is too long',
    );
  });
});

describe('what cannot be', () => {
  it.each(['sh', 'bash', 'zsh', 'fish'] as const)('%s: names that are none there', (shell) => {
    expect(() => exportsText({ OK: '1', 'a.b': 's3cret', '1A': '2' }, shell)).toThrow(
      `${shell} cannot be given every variable: a.b is no name for a variable there, 1A is no name for a variable there`,
    );
  });

  it.each(SHELLS)('%s: a NUL byte', (shell) => {
    expect(() => exportsText({ KEY: 'a\0b' }, shell)).toThrow(/^\w+ cannot .*: KEY has a NUL byte$/);
  });

  it.each(SHELLS)('%s: nothing is nothing', (shell) => expect(exportsText({}, shell)).toBe(''));
});

describe('which shell', () => {
  it.each<[string | undefined, string | undefined, NodeJS.Platform, Shell]>([
    ['fish', '/bin/bash', 'linux', 'fish'],
    [undefined, '/usr/bin/fish', 'linux', 'fish'],
    [undefined, '/bin/dash', 'linux', 'sh'],
    [undefined, '/opt/pwsh', 'darwin', 'pwsh'],
    ['powershell', undefined, 'win32', 'pwsh'],
    [undefined, 'C:\\Program Files\\Git\\bin\\bash.exe', 'win32', 'bash'],
    [undefined, undefined, 'linux', 'sh'],
    [undefined, undefined, 'win32', 'pwsh'],
  ])('--shell %s, SHELL=%s on %s: %s', (asked, user, platform, expected) => {
    expect(shellOf(asked, user, platform)).toBe(expected);
  });

  it('one that we do not know is an error that says which there are', () => {
    expect(() => shellOf('tcsh', undefined)).toThrow('--shell tcsh is none that env can write for');
    expect(() => shellOf(undefined, '/bin/csh')).toThrow('SHELL names csh');
    expect(() => shellOf('toString', undefined)).toThrow('toString');
  });
});
