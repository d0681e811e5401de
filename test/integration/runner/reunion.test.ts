import { expect, test } from 'vitest';
import { program, RunnerBench } from '../../support/runner.ts';
import { startSluggish } from '../../support/sluggish-supervisor.ts';
import { until } from '../../support/until.ts';

/** Counts a hundred further on both streams whenever it is told to. */
const COUNT = `let n = 0;
  process.on('SIGUSR2', () => {
    for (const end = n + 100; n < end; n++) {
      fs.writeSync(1, JSON.stringify({ jsonrpc: '2.0', id: n }) + '\\n');
      fs.writeSync(2, 'line ' + n + '\\n');
    }
  });
  process.stdin.resume().on('end', () => process.exit(0));
  say('listening', '');`;
const COUNTER = program(COUNT);
const idOf = (line: Buffer) => (JSON.parse(line.toString()) as { id: number }).id;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test('while the supervisor is away the child goes on, its lines are logged, and its messages wait', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(COUNTER);
  const { pid, startedAt } = await visit.report('started');
  visit.runner.send({ kind: 'memo', memo: { note: 'for the next one' } });
  await bench.said('listening');
  process.kill(pid, 'SIGUSR2');
  await visit.line(99);
  // What it has not heard of as received it would send again.
  visit.runner.send({ kind: 'flush', token: 1 });
  await visit.report('flushed');

  await bench.leave();
  process.kill(pid, 'SIGUSR2');
  await until('its lines are logged', () => bench.lines().length === 200);
  await bench.listen();
  const second = await bench.visit(1);
  expect(second.runner).toMatchObject({
    pid: runner.pid,
    child: { pid, startedAt },
    memo: { note: 'for the next one' },
  });
  // Messages are only for a supervisor that knows the child for its own.
  process.kill(pid, 'SIGUSR2');
  await until('its lines are logged', () => bench.lines().length === 300);
  expect(second.lines).toEqual([]);
  second.runner.send({ kind: 'welcome' });
  await second.line(199);
  expect(visit.lines.map(idOf)).toEqual(numbers(0, 100));
  expect(second.lines.map(idOf)).toEqual(numbers(100, 300));
  expect(bench.lines('stderr')).toEqual(numbers(0, 300).map((n) => `line ${n}`));
});

test('messages that were on their way to a supervisor when it died reach the next one, once', async () => {
  await using bench = new RunnerBench();
  const { child, die } = await startSluggish(bench, COUNT, () => {});
  await bench.said('listening');
  process.kill(child, 'SIGUSR2');
  await until('its lines are logged', () => bench.lines().length === 100);
  await die();
  await bench.listen();
  const visit = await bench.visit();
  visit.runner.send({ kind: 'welcome' });
  process.kill(child, 'SIGUSR2');
  await visit.line(199);
  expect(visit.lines.map(idOf)).toEqual(numbers(0, 200));
});

test('what reaches a supervisor before its clients do reaches the next one too, and no further', async () => {
  await using bench = new RunnerBench();
  await bench.listen({ clients: false });
  const { visit } = await bench.run(COUNTER);
  const { pid } = await visit.report('started');
  await bench.said('listening');
  process.kill(pid, 'SIGUSR2');
  await visit.line(99);
  await bench.leave();

  await bench.listen({ clients: false });
  const second = await bench.visit(1);
  second.runner.send({ kind: 'welcome' });
  await second.line(99);
  expect(second.lines.map(idOf)).toEqual(numbers(0, 100));
  bench.confirmArrivals();
  second.runner.send({ kind: 'flush', token: 1 });
  await second.report('flushed');
  await bench.leave();

  await bench.listen();
  const third = await bench.visit(2);
  third.runner.send({ kind: 'welcome' });
  process.kill(pid, 'SIGUSR2');
  await third.line(99);
  expect(third.lines.map(idOf)).toEqual(numbers(100, 200));
});

test('noise, oversize lines and a failing log that nobody heard of are told to the next supervisor', async () => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(
    program(`process.on('SIGUSR2', () => { console.log('noise'); console.log('x'.repeat(2000)); console.error('done') });
      process.stdin.resume(); say('listening', '')`),
    { maxLineBytes: 1000 },
  );
  const { pid } = await visit.report('started');
  await bench.said('listening');
  await bench.leave();
  process.kill(pid, 'SIGUSR2');
  await until('both were printed', () => bench.lines().includes('done'));
  await bench.listen();
  const second = await bench.visit(1);
  second.runner.send({ kind: 'welcome' });
  expect(await second.report('noise')).toEqual({ kind: 'noise', sample: 'noise' });
  expect(await second.report('oversize')).toMatchObject({ kind: 'oversize', stream: 'stdout', bytes: 2000 });
});

test('what the new supervisor sends reaches the child', async () => {
  await using bench = new RunnerBench();
  await bench.run({ command: 'cat', args: [] });
  await (await bench.visit()).report('started');
  for (let away = 1; away <= 3; away += 1) {
    await bench.leave();
    await bench.listen();
    const visit = await bench.visit(away);
    visit.runner.send({ kind: 'welcome' });
    await visit.runner.sendRpc(Buffer.from(`{"jsonrpc":"2.0","id":${away}}`));
    expect(idOf(await visit.line(0))).toBe(away);
  }
});

test('a child that ends while the supervisor is away ends its runner, with its code and its last words', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(
    program(`process.on('SIGUSR2', () => { console.error('goodbye'); process.exit(9) });
      process.stdin.resume(); say('listening', '')`),
  );
  const { pid } = await visit.report('started');
  await bench.said('listening');
  await bench.leave();
  process.kill(pid, 'SIGUSR2');
  expect(await runner.exited).toBe(9);
  expect(bench.lines()).toEqual(['goodbye']);
});
