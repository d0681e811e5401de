import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify } from '../../src/runner/process-group.ts';
import { fixture } from '../support/cli.ts';
import { isInstalled } from '../support/programs.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const servers = {
  tiny: fixtureServer(fixture('tiny')),
  dies: fixtureServer(fixture('crashes-on-start'), { restart: { maxRestarts: 1, backoffMs: 10 } }),
};

/** A project with a systemd-notify that writes down what it is told, a line a call. */
function notified(script = 'echo "$*" >> "$NOTIFY_SOCKET"'): TestProject & { told: () => string[] } {
  const shell: Record<string, string> = {};
  const project = new TestProject({ servers, shell });
  const bin = join(project.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'systemd-notify'), 0o755);
  shell['PATH'] = `${bin}:${process.env['PATH']}`;
  const file = join(project.home, 'told');
  shell['NOTIFY_SOCKET'] = file;
  // The shell makes the file before it writes into it: a line is one once it has ended.
  const told = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);
  return Object.assign(project, { told });
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s: everything is stopped, exit 0; systemd is told all of it',
  async (signal) => {
    await using project = notified();
    const run = project.start('up', '--foreground');
    // A server that fails ends nothing.
    const status = 'STATUS=1 of 2 servers are ready; dies: crashed';
    await until('systemd knows', () => project.told().length > 0);
    expect(project.told()).toEqual([`READY=1 ${status}`]);
    expect(await project.server('tiny')).toMatchObject({ state: 'ready' });
    const { pid } = await project.server('tiny');
    // What is started gets no hold of the socket.
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('NOTIFY_SOCKET');

    run.process.kill(signal);
    expect((await run.outcome).code).toBe(0);
    expect(project.processes()).toEqual([]);
    expect(project.told().slice(1)).toEqual([
      'STOPPING=1 STATUS=Stopping every server',
      'STATUS=Everything is stopped',
    ]);
  },
);

test('systemd is told of a change, and nothing while there is none', async () => {
  await using project = notified();
  const run = project.start('up', '--foreground');
  await until('systemd knows', () => project.told().length > 0);
  project.configure({ tiny: servers.tiny });
  await until('of the change', () => project.told().length > 1);
  expect(project.told().slice(1)).toEqual(['STATUS=1 of 1 servers are ready']);
  run.process.kill('SIGTERM');
  expect((await run.outcome).code).toBe(0);
});

test('a systemd-notify that fails is said once, and stops nothing', async () => {
  await using project = notified('echo refused >&2; exit 1');
  const run = project.start('up', '--foreground');
  await until('it is up', () => /tiny +ready/.test(run.output()));
  run.process.kill('SIGTERM');
  const { code, stderr } = await run.outcome;
  expect(code).toBe(0);
  expect(stderr.match(/NOTIFY_SOCKET is set, but systemd-notify failed/g)).toHaveLength(1);
});

/** Binds a datagram socket, as systemd does, and prints what comes; `@` stands for an abstract one. */
const LISTENER = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0"))
print("bound", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)`;
const real = ['python3', 'systemd-notify'].every(isInstalled);

test.each(real ? ['path', 'abstract'] : [])(
  'the real systemd-notify, and a socket with a name that is %s',
  async (kind) => {
    const shell: Record<string, string> = {};
    await using project = new TestProject({ servers: { tiny: servers.tiny }, shell });
    const socket = kind === 'path' ? join(project.home, 'notify') : `@mcps-test-${process.pid}`;
    const listener = spawn('python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let heard = '';
      listener.stdout.setEncoding('utf8').on('data', (text) => {
        heard += text;
      });
      await until('somebody listens', () => heard.includes('bound'));
      shell['NOTIFY_SOCKET'] = socket;
      const run = project.start('up', '--foreground');
      await until('it is ready', () => heard.includes('READY=1 STATUS=1 of 1 servers are ready'));
      run.process.kill('SIGTERM');
      expect((await run.outcome).code).toBe(0);
      expect(heard).toMatch(/STOPPING=1 STATUS=Stopping every server\n.*STATUS=Everything is stopped\n/s);
    } finally {
      listener.kill('SIGKILL');
    }
  },
);

test('it is patient with another command that is just at work, although it was told to stop', async () => {
  await using project = notified();
  const run = project.start('up', '--foreground');
  await until('it is up', () => project.told().length > 0);
  const lock = project.path('.mcp-supervisor/lock');
  writeFileSync(lock, JSON.stringify(identify(process.pid)));
  run.process.kill('SIGTERM');
  // It says so, and asks for the lock at once.
  await until('it stops', () => project.told().some((line) => line.startsWith('STOPPING=1')));
  rmSync(lock);
  expect((await run.outcome).code).toBe(0);
  expect(project.processes()).toEqual([]);
});

test('a supervisor that is lost is exit 1, and leaves no zombie while it waits', async () => {
  await using project = notified();
  const run = project.start('up', '--foreground');
  await until('it is up', () => project.told().length > 0);
  const daemon = Number(project.read('.mcp-supervisor/pm2/pm2.pid'));
  process.kill(daemon, 'SIGKILL');
  // A zombie would still be there for signals.
  await until('the daemon, our own child, is reaped', () => !existsSync(`/proc/${daemon}`));
  const { code, stderr } = await run.outcome;
  expect({ code, last: stderr.trimEnd().split('\n').at(-1) }).toEqual({
    code: 1,
    last: 'The supervisor is gone, and pm2 did not bring it back.',
  });
  expect(project.processes()).toEqual([]);
});
