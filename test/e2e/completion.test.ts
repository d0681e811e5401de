import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CLI, fixture } from '../support/cli.ts';
import { isAlive } from '../support/processes.ts';
import { isInstalled } from '../support/programs.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const servers = { tiny: fixtureServer(fixture('tiny')), noisy: fixtureServer(fixture('tiny')) };

const run = promisify(execFile);
const HANG_MS = 120_000;

type Complete = (project: ShellProject, line: readonly string[]) => Promise<string[]>;

/** A project with the CLI in its PATH. */
class ShellProject extends TestProject {
  readonly env: Readonly<Record<string, string>>;

  constructor() {
    super({ servers });
    const bin = join(this.home, 'bin');
    mkdirSync(bin);
    const program = join(bin, 'mcp-supervisor');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 });
    this.env = { ...this.shell, PATH: `${bin}:${this.shell['PATH']}`, LC_ALL: 'C.UTF-8' };
  }

  /** What a shell prints, line by line. */
  async lines(program: string, ...args: readonly string[]): Promise<string[]> {
    const options = { cwd: this.dir, env: this.env, timeout: HANG_MS, killSignal: 'SIGKILL' as const };
    const { stdout, stderr } = await run(program, args, options);
    expect(stderr).toBe('');
    return stdout === '' ? [] : stdout.trimEnd().split('\n');
  }
}

/** What bash offers for the last word. */
const inBash: Complete = (project, line) => {
  const script = `set -u
eval "$(mcp-supervisor completion bash)"
complete -p mcp-supervisor >/dev/null || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_mcp_supervisor
for word in \${COMPREPLY[@]+"\${COMPREPLY[@]}"}; do printf '%s\\n' "$word"; done`;
  return project.lines('bash', '-c', script, 'bash', ...line);
};

/** What fish offers for the last word, without what it says of it. */
const inFish: Complete = async (project, line) => {
  const script = 'mcp-supervisor completion fish | source; complete -C "$argv"';
  const offered = await project.lines('fish', '--no-config', '-c', script, line.join(' '));
  return offered.map((text) => text.split('\t')[0] ?? '');
};

/** The last word on the line of a zsh at a terminal after Tab. */
const inZsh: Complete = async (project, line) => {
  const script = `zmodload zsh/zpty
zpty shell 'PS1= zsh -f -i'
zpty -w shell 'autoload -U compinit; compinit -u -D; eval "$(mcp-supervisor completion zsh)"; \
  keep() { print -r -- "$$ $BUFFER" > typed }; zle -N keep; bindkey "^X" keep; print re""ady'
zpty -r shell out '*ready*'
zpty -w -n shell "$1"$'\\t\\C-x'
until [[ -s typed ]]; do sleep 0.05; done
cat typed; rm typed; zpty -d shell`;
  const [typed = ''] = await project.lines('zsh', '-f', '-c', script, 'zsh', line.join(' '));
  const [pid, ...words] = typed.split(' ');
  // The shell at the terminal is told to end, and takes a moment for it, in which it has no name any more.
  await until('the shell has ended', () => !isAlive(Number(pid)));
  return words.slice(-1);
};

/** Not every machine has them; `.ci/run` installs them. */
const OTHERS: readonly (readonly [shell: string, completed: Complete])[] = [
  ['fish', inFish],
  ['zsh', inZsh],
];

test('bash completes verbs, options, names of servers and files', async () => {
  await using project = new ShellProject();
  const complete = (...line: readonly string[]) => inBash(project, line);
  project.write('a file.json', '{}');
  expect(await complete('mcp-supervisor', 'rest')).toEqual(['restart']);
  expect(await complete('mcp-supervisor', 'up', '--fore')).toEqual(['--foreground']);
  expect(await complete('mcp-supervisor', 'up', '')).toEqual(['tiny', 'noisy']);
  expect(await complete('mcp-supervisor', 'logs', '--level', '=', 'd')).toEqual(['debug']);
  expect(await complete('mcp-supervisor', 'up', '--config', 'a')).toEqual(['a file.json']);
  expect(await complete('mcp-supervisor', 'up', '--config', 'none', '')).toEqual([]);
  // Nothing was started for it.
  expect(project.processes()).toEqual([]);
});

test('servers that run are offered, also where the config does not say so any more', async () => {
  await using project = new ShellProject();
  const complete = (...line: readonly string[]) => inBash(project, line);
  await project.ok('up', 'tiny');
  project.write('ecosystem.config.json', 'broken');
  expect(await complete('mcp-supervisor', 'restart', 't')).toEqual(['tiny']);
});

test.each(OTHERS.filter(([shell]) => isInstalled(shell)))(
  '%s completes verbs, options, names of servers and files',
  async (_, completed) => {
    await using project = new ShellProject();
    const complete = (...line: readonly string[]) => completed(project, line);
    project.write('other.json', '{}');
    expect(await complete('mcp-supervisor', 'rest')).toEqual(['restart']);
    expect(await complete('mcp-supervisor', 'up', '--fore')).toEqual(['--foreground']);
    expect(await complete('mcp-supervisor', 'up', 'ti')).toEqual(['tiny']);
    expect(await complete('mcp-supervisor', 'up', '--config', 'o')).toEqual(['other.json']);
    expect(project.processes()).toEqual([]);
  },
);
