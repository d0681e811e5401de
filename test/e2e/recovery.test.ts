import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const stubborn = { stop: { eofMs: 100, termMs: 300 } };
const servers = {
  tiny: fixtureServer(fixture('tiny')),
  stubborn: fixtureServer(fixture('ignores-sigterm'), stubborn),
};

interface Pids {
  readonly child: number;
  readonly runner: number;
  readonly supervisor: number;
  readonly keeper: number;
  readonly daemon: number;
}

async function pidsOf(project: TestProject): Promise<Pids> {
  const { pid, runnerPid } = await project.ready('tiny');
  await project.ready('stubborn');
  const daemon = project.processes().find(({ command }) => command.startsWith('PM2 '))?.pid;
  return {
    child: Number(pid),
    runner: Number(runnerPid),
    supervisor: project.pidIn('supervisor.json'),
    keeper: project.pidIn('keeper.json'),
    daemon: Number(daemon),
  };
}

const VICTIMS = ['child', 'runner', 'supervisor', 'keeper', 'daemon'] as const;

test.each(VICTIMS)('kill -9 of the %s, then down: nothing is left', async (victim) => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  process.kill((await pidsOf(project))[victim], 'SIGKILL');
  await project.ok('down');
  expect(project.processes()).toEqual([]);
});

test.each(VICTIMS)('kill -9 of the %s, then up: all is well, once', async (victim) => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const before = await pidsOf(project);
  process.kill(before[victim], 'SIGKILL');
  await project.ok('up');
  const after = await pidsOf(project);
  expect(isAlive(before[victim])).toBe(false);
  const count = (text: string) => project.processes().filter(({ command }) => command.includes(text)).length;
  await until('exactly one of each', () => count('tiny.mjs') === 1 && count('ignores-sigterm.mjs') === 1);
  expect(count('God Daemon') + count('PM2 v')).toBeGreaterThan(0);
  // Who was not hit, and did not depend on the victim, was not touched.
  if (victim === 'supervisor' || victim === 'keeper') expect(after.child).toBe(before.child);
  if (victim === 'child' || victim === 'runner') expect(after.supervisor).toBe(before.supervisor);
});

test('a child that is killed comes back by itself, and is counted', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const { child } = await pidsOf(project);
  process.kill(child, 'SIGKILL');
  const row = await project.serverWhere(
    'tiny',
    'back',
    ({ state, pid }) => state === 'ready' && pid !== child,
  );
  expect(row).toMatchObject({ restarts: 1, generation: 1 });
});

test('up waits for a server that is just being started again', async () => {
  const slow = { command: 'sh', args: ['-c', `sleep 3; exec ${process.execPath} ${fixture('tiny')}`] };
  await using project = new TestProject({ servers: { slow } });
  await project.ok('up');
  process.kill(Number((await project.server('slow')).pid), 'SIGKILL');
  await project.ok('up');
  expect(await project.server('slow')).toMatchObject({ state: 'ready', restarts: 1 });
});

test.each(['supervisor', 'keeper', 'daemon'] as const)(
  'down ends within seconds when the %s hangs',
  async (who) => {
    await using project = new TestProject({ servers });
    await project.ok('up');
    process.kill((await pidsOf(project))[who], 'SIGSTOP');
    await project.ok('down');
    expect(project.processes()).toEqual([]);
  },
);

test('a stale lock, a foreign process id and a state file that is garbage are no obstacle', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  await project.ok('down');
  const foreign = JSON.stringify({ pid: process.pid, startTime: '1' });
  for (const name of ['lock', 'supervisor.json', 'keeper.json', 'pm2/pm2.pid']) {
    writeFileSync(project.path(`.mcp-supervisor/${name}`), foreign);
  }
  for (const name of ['state.json', 'warnings.json', 'sessions.json']) {
    writeFileSync(project.path(`.mcp-supervisor/${name}`), '{"servers":');
  }
  await project.ok('up');
  expect(await project.server('tiny')).toMatchObject({ state: 'ready' });
});

test('down in a project that never ran says so and succeeds', async () => {
  await using project = new TestProject({ servers });
  expect(await project.cli('down')).toMatchObject({ code: 0 });
});
