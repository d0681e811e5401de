import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonPid } from '../../../src/engine/pm2-daemon.ts';
import { pidFile, rpcSocket } from '../../../src/engine/pm2-home.ts';
import { locateProject } from '../../../src/supervisor/project.ts';
import { REPO } from '../../support/cli.ts';
import { EngineBench } from '../../support/engine.ts';
import { isAlive } from '../../support/processes.ts';
import { RunnerBench } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const STAYS =
  "process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000); say('pid', process.pid)";

test('a pid file and a socket that a crash left behind are no obstacle', async () => {
  await using bench = new EngineBench();
  const first = bench.host();
  await first.launchDaemon();
  const pid = bench.daemonPid;
  process.kill(pid, 'SIGKILL');
  await until('the daemon has ended', () => !isAlive(pid));
  expect([existsSync(pidFile(bench.home)), existsSync(rpcSocket(bench.home))]).toEqual([true, true]);
  expect([daemonPid(bench.home), await first.daemonAnswers()]).toEqual([null, false]);
  await first.endDaemon();

  const engine = await bench.engine();
  expect(await engine.list()).toEqual([]);
  expect(bench.daemonPid).not.toBe(pid);
});

/** Processes whose id a stale pid file may come to name. */
const FOREIGN = {
  'that is not pm2': 'setInterval(() => {}, 1000)',
  'that is pm2 for another home':
    "process.title = 'PM2 v7.0.4: God Daemon (/another/home)'; setInterval(() => {}, 1000)",
};
test.each(Object.entries(FOREIGN))(
  'a process %s is not taken for the daemon, and not ended',
  async (what, script) => {
    await using bench = new EngineBench();
    mkdirSync(bench.home.dir);
    const foreign = spawn(process.execPath, ['-e', `${script}; console.log('up')`], {
      cwd: what.includes('another home') ? '/' : bench.home.dir,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await once(foreign.stdout, 'data');
      writeFileSync(pidFile(bench.home), String(foreign.pid));
      expect(daemonPid(bench.home)).toBeNull();
      const host = bench.host();
      await host.endDaemon();
      await host.endDaemon({ hangs: true });
      expect(isAlive(foreign.pid as number)).toBe(true);
      await bench.engine();
      expect(bench.daemonPid).not.toBe(foreign.pid);
    } finally {
      foreign.kill('SIGKILL');
      await once(foreign, 'exit');
    }
  },
);

test('the daemon is found in a home whose path is far too long for a socket', async () => {
  const name = 'a-folder-name-that-is-long';
  await using bench = new EngineBench(`${Array(8).fill(name).join('/')}/pm2`);
  expect(bench.home.dir.length).toBeGreaterThan(200);
  const engine = await bench.engine();
  await engine.start(bench.app('server@1', STAYS));
  expect(await engine.list()).toEqual([{ name: 'server@1', pid: Number(await bench.said('pid')) }]);
  expect(bench.daemonPid).toBeGreaterThan(1);
  // Not at what pm2 would make of the path: cut off, it would be the same for many homes.
  expect([existsSync(rpcSocket(bench.home)), await engine.daemonAnswers()]).toEqual([true, true]);
});

test('projects whose long paths begin alike have sockets of their own, short enough to be bound', async () => {
  const long = `/srv/${'a-folder-name-that-is-long/'.repeat(8)}`;
  const dirs = ['one', 'two', 'short'].map((name) => {
    const root = name === 'short' ? '/srv/short' : `${long}${name}`;
    return locateProject({ configFile: `${root}/ecosystem.config.ts` }).socketDir;
  });
  expect(new Set(dirs).size).toBe(3);
  for (const dir of dirs) expect(Buffer.byteLength(join(dir, 'gateway.sock'))).toBeLessThan(104);
});

test('kill -9 of the daemon: runner and child are gone by themselves', async () => {
  await using bench = new EngineBench();
  await using runners = new RunnerBench();
  await runners.listen();
  const engine = await bench.engine();
  await engine.start({
    ...bench.app('server@1', ''),
    script: `${REPO}/dist/bin/runner.js`,
    args: [runners.socketPath, 'server@1'],
  });
  const visit = await runners.visit();
  visit.runner.send(
    runners.order({
      command: process.execPath,
      args: ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"],
    }),
  );
  const { pid } = await visit.report('started');
  process.kill(bench.daemonPid, 'SIGKILL');
  await until('both have ended', () => !isAlive(pid) && !isAlive(visit.runner.pid));
});

test('a daemon whose socket somebody else holds is given up', async () => {
  await using bench = new EngineBench();
  const holder = createServer().listen(rpcSocket(bench.home));
  await once(holder, 'listening');
  try {
    await expect(bench.host().launchDaemon()).rejects.toMatchObject({
      code: 'engine.failed',
      hint: expect.stringContaining('pm2.log'),
    });
  } finally {
    holder.close();
  }
});
