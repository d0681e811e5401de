import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPO } from '../../support/cli.ts';
import { EngineBench } from '../../support/engine.ts';
import { RunnerBench } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const PATH = process.env['PATH'] ?? '';

/** The sockets of a process that are not of this machine alone: TCP and UDP, of either version. */
function networkSockets(pid: number): string[] {
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const inodes = open.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8'),
  );
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(1));
  return rows.filter((row) => inodes.includes(row.trim().split(/\s+/)[9] ?? ''));
}

test('a daemon and a runner call nobody, look nothing up, and do not measure the disk', async () => {
  await using bench = new EngineBench();
  await using runners = new RunnerBench();
  await runners.listen();
  const record = bench.path('record');
  const env = {
    PATH,
    HOME: bench.dir,
    NODE_OPTIONS: `--require=${REPO}/test/fixtures/records-calls.cjs`,
    RECORD_FILE: record,
  };
  const engine = bench.host(env);
  await engine.launchDaemon(env);
  await engine.connect(env);
  await engine.start({
    ...bench.app('server@1', ''),
    script: `${REPO}/dist/bin/runner.js`,
    args: [runners.socketPath, 'server@1'],
  });
  const visit = await runners.visit();
  visit.runner.send(runners.order({ command: 'cat', args: [] }));
  await visit.report('started');
  expect(networkSockets(bench.daemonPid)).toEqual([]);
  expect(networkSockets(visit.runner.pid)).toEqual([]);

  // The same daemon with pm2's own settings shows what there is to be seen, and when it is to be seen.
  await using loud = new EngineBench();
  for (const folder of ['logs', 'pids', 'modules'])
    mkdirSync(join(loud.home.dir, folder), { recursive: true });
  writeFileSync(join(loud.home.dir, 'module_conf.json'), '{}');
  const own = { ...env, HOME: loud.dir, PM2_HOME: loud.home.dir, RECORD_FILE: loud.path('record') };
  const daemon = loud.spawn(`${REPO}/node_modules/pm2/lib/Daemon.js`, own);
  const calls = (file: string) => readFileSync(file, 'utf8').trim().split('\n');
  await until('it runs df and asks for its newest version', () => {
    const seen = calls(loud.path('record')).join();
    return seen.includes('spawn df') && seen.includes('connect version.pm2.io');
  });
  daemon.kill('SIGKILL');
  await engine.remove('server@1');
  await engine.close();

  const seen = calls(record).filter((call) => !call.startsWith('start '));
  expect(seen.filter((call) => !call.startsWith('spawn '))).toEqual([]);
  expect(seen).not.toContain('spawn df');
  expect(seen).toContain('spawn cat');
});
