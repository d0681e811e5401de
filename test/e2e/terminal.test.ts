import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CLI, fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** It takes a second to be found out, so there is something to wait for. */
const mute = { ...fixtureServer(fixture('never-answers')), startTimeoutMs: 1_000 };
const servers = { mute, tiny: fixtureServer(fixture('tiny')) };

/** A project whose verbs can be run on a terminal, which `script` of util-linux makes. */
function onTerminal(shell: Record<string, string> = {}) {
  const project = new TestProject({ servers, shell: { TERM: 'xterm', ...shell } });
  const type = async (line: string): Promise<string> => {
    const command = `'${process.execPath}' '${CLI}' ${line}`;
    const options = { cwd: project.dir, env: project.shell };
    const { stdout } = await promisify(execFile)('script', ['-qc', command, '/dev/null'], options);
    return stdout;
  };
  return Object.assign(project, { type });
}

/** What is left on the screen, colours aside, of texts that go back to erase a line. */
function screen(text: string): string {
  const lines = text.split('\r\n').map((line) => line.split('\r\u001b[K').at(-1));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
  return lines.join('\n').replace(/\u001b\[\d+m/g, '');
}

test('a terminal shows what is waited for, in a line that goes again; elsewhere there is no such line', async () => {
  await using project = onTerminal();
  const up = await project.type('up');
  expect(up).toContain('\r\u001b[KWaiting for mute …');
  expect(screen(up)).toMatch(/^mute {2}crashed .*\ntiny {2}ready /m);
  expect(screen(up)).not.toMatch(/Waiting|Starting the supervisor/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
  expect(up).toMatch(/\u001b\[32mready/);

  const { stdout, stderr } = await project.cli('restart', 'mute');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
  expect(stdout + stderr).not.toMatch(/[\u001b\r]|Waiting/);

  const down = await project.type('down');
  expect(screen(down)).toBe('Everything of this project is stopped.\n');
});

test('NO_COLOR takes the colours of a terminal, FORCE_COLOR gives them to a pipe', async () => {
  await using project = onTerminal({ NO_COLOR: '1' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
  expect(await project.type('doctor')).not.toMatch(/\u001b\[\d/);
  await using other = new TestProject({ servers, shell: { FORCE_COLOR: '1' } });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
  expect((await other.cli('doctor')).stdout).toMatch(/\u001b\[32mok/);
});

test('init asks; Ctrl-C is exit 130, and writes nothing', async () => {
  await using project = new TestProject();
  project.write('.mcp.json', JSON.stringify({ mcpServers: { one: { command: 'x' } } }));
  // The question is wrapped to the width of the terminal.
  const command = `stty cols 80 rows 24; exec '${process.execPath}' '${CLI}' init`;
  const env = { ...project.shell, TERM: 'xterm' };
  const run = spawn('script', ['-qec', command, '/dev/null'], { cwd: project.dir, env });
  const ended = once(run, 'close');
  let text = '';
  run.stdout.on('data', (more) => {
    text += more;
  });
  try {
    await until('it asks', () => text.includes('one'));
    run.stdin.write('\u0003');
    expect(await ended).toEqual([130, null]);
  } finally {
    run.kill('SIGKILL');
  }
  expect(text).toContain('Nothing was written.');
  expect(readdirSync(project.dir)).toEqual(['.mcp.json']);
});
