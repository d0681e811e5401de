import { expect, test } from 'vitest';
import { EngineBench } from '../../support/engine.ts';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const STAYS =
  "process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000); process.on('disconnect', () => process.exit(0))";
const TIMEOUT = { code: 'engine.timeout', hint: expect.stringContaining('up') };

test('a daemon that is stopped: every call fails, none hangs', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  await engine.start(bench.app('server@1', STAYS, { killTimeoutMs: 500 }));
  const pid = bench.daemonPid;
  process.kill(pid, 'SIGSTOP');
  // In the order in which they give up, so that each has a handler by then.
  await Promise.all([
    expect(engine.list()).rejects.toMatchObject(TIMEOUT),
    expect(engine.version()).rejects.toMatchObject(TIMEOUT),
    expect(engine.remove('server@1')).rejects.toMatchObject(TIMEOUT),
    expect(engine.start(bench.app('server@2', STAYS))).rejects.toMatchObject(TIMEOUT),
  ]);
  await engine.close();
  const next = bench.host();
  // Its socket still takes connections.
  expect(await next.daemonAnswers()).toBe(true);
  await next.connect();
  await expect(next.version()).rejects.toMatchObject(TIMEOUT);
  await next.endDaemon({ hangs: true });
  expect(isAlive(pid)).toBe(false);
});

test('a daemon that is killed in the middle of a call: the call fails, and those after it', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  await engine.start(
    bench.app(
      'slow@1',
      "process.on('SIGINT', () => say('asked', '')); setInterval(() => {}, 1000); process.on('disconnect', () => process.exit(0)); say('listening', '')",
      { killTimeoutMs: 5_000 },
    ),
  );
  await bench.said('listening');
  const removing = expect(engine.remove('slow@1')).rejects.toMatchObject(TIMEOUT);
  await bench.said('asked');
  process.kill(bench.daemonPid, 'SIGKILL');
  await removing;
  await expect(engine.list()).rejects.toMatchObject(TIMEOUT);
  await engine.close();
  await until('the app has ended with its daemon', () =>
    bench.processes().every(({ command }) => !command.includes('.cjs')),
  );
});

test('where no daemon runs, nobody is connected, and none is started behind our back', async () => {
  await using bench = new EngineBench();
  const engine = bench.host();
  await expect(engine.connect()).rejects.toMatchObject({ code: 'engine.failed' });
  const other = await bench.engine();
  process.kill(bench.daemonPid, 'SIGKILL');
  await expect(other.start(bench.app('server@1', STAYS))).rejects.toMatchObject(TIMEOUT);
  await other.close();
  await expect(other.list()).rejects.toThrow();
  expect(bench.processes().filter(({ command }) => command.startsWith('PM2'))).toEqual([]);
});
