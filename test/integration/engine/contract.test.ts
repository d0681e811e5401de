import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EngineBench } from '../../support/engine.ts';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

/** Ends at SIGINT, like everything of ours. */
const STAYS =
  "process.on('SIGINT', () => process.exit(0)); setInterval(() => {}, 1000); say('pid', process.pid)";

test('start runs the script as told, and list shows it', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  const app = bench.app(
    'server@1',
    `say('seen', JSON.stringify([process.argv.slice(2), process.cwd()])); ${STAYS}`,
    {
      args: ['/a socket/path', 'server@1'],
    },
  );
  await engine.start(app);
  expect(JSON.parse(await bench.said('seen'))).toEqual([['/a socket/path', 'server@1'], bench.dir]);
  const pid = Number(await bench.said('pid'));
  expect(await engine.list()).toEqual([{ name: 'server@1', pid }]);
});

test('remove resolves once the process is gone, forgets it, and minds no name that it does not know', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  // It takes longer than pm2's own patience, which is 1.6 s, as a runner may that walks its child down the ladder.
  const slow = "process.on('SIGINT', () => setTimeout(() => { say('done', ''); process.exit(0) }, 2500))";
  await engine.start(bench.app('server@1', `${slow}; setInterval(() => {}, 1000); say('pid', process.pid)`));
  const pid = Number(await bench.said('pid'));
  await engine.remove('server@1');
  expect(isAlive(pid)).toBe(false);
  expect(readFileSync(bench.path('done'), 'utf8')).toBe('');
  expect(await engine.list()).toEqual([]);
  await engine.remove('server@1');
  await engine.remove('never@1');
});

test('remove ends a process that does not mind signals, after its time', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  const deaf =
    "process.on('SIGINT', () => say('asked', '')); setInterval(() => {}, 1000); say('pid', process.pid)";
  await engine.start(bench.app('deaf@1', deaf, { killTimeoutMs: 1_000 }));
  const pid = Number(await bench.said('pid'));
  await engine.remove('deaf@1');
  expect(isAlive(pid)).toBe(false);
  await bench.said('asked');
});

test('only the app itself is asked to end, not its children: that is what a runner is for', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  const child = `const child = require('node:child_process').spawn(process.execPath, ['-e',
      "process.on('SIGINT', () => require('node:fs').writeFileSync('bypassed', '')); process.stdin.resume();" +
      "require('node:fs').writeFileSync('listening', '')"], { stdio: ['pipe', 'ignore', 'ignore'] });
    process.on('SIGINT', () => setTimeout(() => { child.stdin.end(); child.once('exit', () => process.exit(0)) }, 300));
    setInterval(() => {}, 1000);`;
  await engine.start(bench.app('server@1', child));
  await bench.said('listening');
  await engine.remove('server@1');
  expect(() => readFileSync(bench.path('bypassed'))).toThrow('ENOENT');
});

test('whatever is asked for at once is done one by one: no duplicates, none left over', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  const apps = [1, 2, 3].map((generation) => bench.app(`server@${generation}`, STAYS));
  const [first] = apps;
  if (first === undefined) throw new Error('no app');
  await Promise.all([
    ...apps.map((app) => engine.start(app)),
    engine.start(first),
    engine.remove('server@2'),
    engine.start(first),
    engine.remove('server@3'),
  ]);
  const running = await engine.list();
  expect(running.map(({ name }) => name)).toEqual(['server@1']);
  const processes = () => bench.processes().filter(({ command }) => command.includes('.cjs'));
  await until('one process runs', () => processes().length === 1);
  expect(processes()[0]?.pid).toBe(running[0]?.pid);
});

test('an app that ends is started again, with pauses that grow, and has no pid in between', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  await engine.start(
    bench.app('crash@1', "fs.appendFileSync('starts', Date.now() + '\\n'); process.exit(3)", {
      restartDelayMs: 200,
    }),
  );
  await until('it is between two starts', async () => (await engine.list())[0]?.pid === null);
  const starts = () => readFileSync(bench.path('starts'), 'utf8').trim().split('\n').map(Number);
  await until('it was started six times', () => starts().length >= 6);
  const pauses = starts().map((time, index, all) => time - (all[index - 1] ?? time));
  // 200 ms, and each half as long again: it can only be longer.
  expect(pauses[5]).toBeGreaterThan(200 * 1.5 ** 3);
  await engine.remove('crash@1');
  const count = starts().length;
  expect(await engine.list()).toEqual([]);
  expect(starts().length).toBe(count);
});

test('a script that is missing is an error, and leaves no app', async () => {
  await using bench = new EngineBench();
  const engine = await bench.engine();
  const app = { ...bench.app('missing@1', ''), script: bench.path('no-such-script.js') };
  await expect(engine.start(app)).rejects.toMatchObject({ code: 'engine.failed' });
  expect(await engine.list()).toEqual([]);
});

test('what runs goes on when its starter leaves, and the next one finds it', async () => {
  await using bench = new EngineBench();
  const first = await bench.engine();
  await first.start(bench.app('server@1', STAYS));
  const before = await first.list();
  await first.close();
  await first.exit();
  const second = bench.host();
  await second.connect();
  expect(await second.list()).toEqual(before);
  expect(await second.version()).toMatch(/^\d+\.\d+\.\d+$/);
  await second.remove('server@1');
  expect(await second.list()).toEqual([]);
});
