import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { examined } from '../support/doctor.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const STUBBORN = fixture('ignores-sigterm');
const servers = { stubborn: fixtureServer(STUBBORN, { stop: { eofMs: 50, termMs: 50 } }) };

interface Started {
  readonly client: ChildProcess;
  /** The server, and the grandchild that it has started. */
  readonly pid: number;
  readonly grandchild: number;
}

/** A client that starts a server, as an editor does, and tells both process ids. */
async function client(cwd: string, argv: readonly string[], wrap: boolean = false): Promise<Started> {
  const command = wrap ? ['sh', '-c', `${argv.map((arg) => `'${arg}'`).join(' ')}; :`] : argv;
  const script = `
    const [command, ...args] = ${JSON.stringify(command)};
    const child = require('node:child_process').spawn(command, args, { cwd: ${JSON.stringify(cwd)}, stdio: 'pipe' });
    child.stderr.on('data', (text) => process.stdout.write(child.pid + ' ' + text));
    setInterval(() => {}, 1000);`;
  const started = spawn(process.execPath, ['-e', script], { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  started.stdout.on('data', (text) => {
    output += text;
  });
  const [, pid, grandchild] = await until('the server runs', () => /^(\d+) grandchild (\d+)$/m.exec(output));
  return {
    client: started,
    pid: wrap ? parentOf(Number(grandchild)) : Number(pid),
    grandchild: Number(grandchild),
  };
}

const parentOf = (pid: number) =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[1],
  );

async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`${pid} has ended`, () => !isAlive(pid));
}

const argv = [process.execPath, STUBBORN];

test('an orphaned server is listed, and ended with --fix alone; others are not touched', async () => {
  await using project = new TestProject({ servers });
  await using other = new TestProject({ servers });
  // A project inside this one is another one.
  mkdirSync(project.path('nested'));
  writeFileSync(project.path('nested/ecosystem.config.json'), '{"servers":{}}');
  // The same program, but not the server of the config.
  const copy = join(project.home, 'copy.mjs');
  writeFileSync(copy, readFileSync(STUBBORN));
  symlinkSync(fixture('line'), join(project.home, 'line.mjs'));
  const orphan = await client(project.dir, argv);
  const wrapped = await client(project.dir, argv, true);
  const used = await client(project.dir, argv);
  const theirs = await client(other.dir, argv);
  const nested = await client(project.path('nested'), argv);
  const unlike = await client(project.dir, [process.execPath, copy]);
  const all = [orphan, wrapped, used, theirs, nested, unlike];
  try {
    for (const one of [orphan, wrapped, theirs, nested, unlike]) await killed(one.client.pid ?? 0);

    const listed = await examined(project);
    expect(listed.code).toBe(0);
    expect(listed.wrong).toEqual({
      [`processes.orphaned:${orphan.pid}`]: 'warning',
      [`processes.orphaned:${wrapped.pid}`]: 'warning',
    });
    expect(listed.one(`processes.orphaned:${orphan.pid}`)).toMatchObject({
      title: `Process ${orphan.pid} is a server (stubborn) whose client is gone`,
      detail: expect.stringMatching(/^node, started less than a minute ago in .*project, \d+ MB\.$/),
    });
    expect(all.every(({ pid }) => isAlive(pid))).toBe(true);

    const fixed = await examined(project, '--fix');
    expect(Object.values(fixed.wrong)).toEqual(['fixed', 'fixed']);
    for (const one of all) {
      const isOurs = one === orphan || one === wrapped;
      expect([isAlive(one.pid), isAlive(one.grandchild)]).toEqual([!isOurs, !isOurs]);
    }
    expect((await examined(project, '--fix')).wrong).toEqual({});
  } finally {
    for (const { client: one, pid, grandchild } of all)
      for (const id of [one.pid ?? 0, grandchild, pid]) if (isAlive(id)) await killed(id);
  }
});

test('while the supervisor runs, --fix touches nothing of it', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const before = await project.status();
  const processes = project.processes().map(({ pid }) => pid);
  const { code, wrong, one } = await examined(project, '--fix');
  expect({ code, wrong }).toEqual({ code: 0, wrong: {} });
  expect(one('supervisor.state').title).toBe(`The supervisor runs as process ${before.supervisor?.pid}`);
  expect(one('runners.supervised').detail).toContain('stubborn@1');
  expect(project.processes().map(({ pid }) => pid)).toEqual(processes);
  expect(await project.server('stubborn')).toMatchObject({ pid: before.servers[0]?.pid, restarts: 0 });
});

test('what a crash of everything leaves is listed, and cleaned up with --fix', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const { pid, runnerPid } = await project.server('stubborn');
  const daemon = Number(project.read('.mcp-supervisor/pm2/pm2.pid'));
  const pids = [daemon, project.pidIn('keeper.json'), project.pidIn('supervisor.json'), Number(runnerPid)];
  for (const one of pids) process.kill(one, 'SIGSTOP');
  for (const one of pids) await killed(one);
  project.write('.mcp-supervisor/run/note', 'no socket');

  const listed = await examined(project);
  expect(listed.wrong).toEqual({ 'leftovers.groups': 'warning', 'sockets.stale': 'warning' });
  expect(listed.one('leftovers.groups').detail).toBe(`stubborn@1 (process group ${pid}).`);
  expect(isAlive(Number(pid))).toBe(true);

  const fixed = await examined(project, '--fix');
  expect(fixed.wrong).toEqual({ 'leftovers.groups': 'fixed', 'sockets.stale': 'fixed' });
  expect(project.processes()).toEqual([]);
  expect(readdirSync(project.path('.mcp-supervisor/run'))).toEqual(['note']);
  expect((await examined(project, '--fix')).wrong).toEqual({});
  await project.ok('up');
});

test('runners without a supervisor are an error; what to do about it is left to the user', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const { pid } = await project.server('stubborn');
  const daemon = Number(project.read('.mcp-supervisor/pm2/pm2.pid'));
  // Otherwise it starts them again at once.
  process.kill(daemon, 'SIGSTOP');
  for (const name of ['keeper.json', 'supervisor.json']) await killed(project.pidIn(name));
  const { code, one } = await examined(project, '--fix');
  expect(code).toBe(1);
  expect(one('runners.supervised')).toMatchObject({
    status: 'error',
    detail: expect.stringContaining('stubborn@1'),
  });
  expect(isAlive(Number(pid))).toBe(true);
  process.kill(daemon, 'SIGCONT');
  await project.ready('stubborn');
});

test('a port that is taken is named with its holder; a free one and our own are fine', async () => {
  await using project = new TestProject();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  project.configure(servers, { port });
  const taken = await examined(project);
  expect(taken.code).toBe(1);
  expect(taken.one('gateway.port')).toMatchObject({
    status: 'error',
    title: expect.stringContaining(`(process ${process.pid})`),
  });
  await new Promise((resolve) => holder.close(resolve));
  expect((await examined(project)).one('gateway.port').title).toBe(`Port ${port} is free`);
  await project.ok('up');
  expect((await examined(project)).one('gateway.port').title).toBe(`Port ${port} is the gateway’s own`);
});
