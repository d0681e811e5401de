import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { heldBack, isAlive, peakMemoryBytes } from '../../support/processes.ts';
import { program, RunnerBench } from '../../support/runner.ts';
import { startSluggish } from '../../support/sluggish-supervisor.ts';
import { HANG_MS, until } from '../../support/until.ts';

const MIB = 1024 ** 2;
/**
 * What a runner may take beyond what waits for a supervisor, while 300 MiB go through it. Measured: 105 MiB
 * with Node 20, 127 MiB with Node 24, which lets go of buffers later; 40 MiB of them are Node itself.
 */
const RUNNER_BYTES = 150 * MIB;
const FLOOD_LINES = 300 * 1024;
/** 300 MiB in numbered messages of a KiB, written as fast as they are taken. */
const FLOOD = `const flood = () => {
    for (let n = 0; n < ${FLOOD_LINES}; n += 64) {
      let text = '';
      for (let i = n; i < n + 64; i++) text += JSON.stringify({ jsonrpc: '2.0', id: i, pad: 'x'.repeat(990) }) + '\\n';
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(1, bytes, at);
    }
  };`;

/** Counts numbered messages, and which of them was the first out of order. */
class Counter {
  count = 0;
  firstWrong: string | null = null;

  take(line: Buffer): void {
    const start = line.toString('latin1', 0, 40);
    if (!start.includes(`"id":${this.count},`)) this.firstWrong ??= `${start} instead of ${this.count}`;
    this.count += 1;
  }
}

test('a supervisor that does not read holds the child back: the runner does not grow, and nothing is lost', async () => {
  await using bench = new RunnerBench();
  const counter = new Counter();
  const { channel, child } = await startSluggish(bench, `${FLOOD} flood(); process.stdin.resume()`, (line) =>
    counter.take(line),
  );
  await heldBack(child);
  const runner = bench.runnerPid;
  channel.resume();
  await until('all messages have come', () => counter.count === FLOOD_LINES);
  expect(counter.firstWrong).toBeNull();
  expect(peakMemoryBytes(runner)).toBeLessThan(RUNNER_BYTES);
});

test('while there is no supervisor, messages wait, up to 64 MiB; then the child waits', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(
    program(`${FLOOD} process.on('SIGUSR2', flood); process.stdin.resume(); say('listening', '')`),
  );
  const { pid } = await visit.report('started');
  await bench.said('listening');
  await bench.leave();
  process.kill(pid, 'SIGUSR2');
  await heldBack(pid);
  await bench.listen();
  const second = await bench.visit(1);
  expect(second.runner.child?.pid).toBe(pid);
  const counter = new Counter();
  second.onRpc = (line) => counter.take(line);
  second.runner.send({ kind: 'welcome' });
  await until('all messages have come', () => counter.count === FLOOD_LINES, 2 * HANG_MS);
  expect(counter.firstWrong).toBeNull();
  expect(peakMemoryBytes(runner.pid)).toBeLessThan(RUNNER_BYTES + 128 * MIB);
});

test('a child that does not read its stdin holds the supervisor back, and gets everything when it does', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(
    program(`const hash = require('node:crypto').createHash('sha256');
      process.on('SIGUSR2', () => {
        process.stdin.on('data', (chunk) => hash.update(chunk)).on('end', () => {
          say('sum', hash.digest('hex'));
          process.exit();
        });
      });
      say('listening', ''); setInterval(() => {}, 1000)`),
    { stop: { eofMs: 30_000, termMs: 1_000 } },
  );
  const { pid } = await visit.report('started');
  await bench.said('listening');
  const hash = createHash('sha256');
  const sending = (async () => {
    for (let n = 0; n < 300; n += 1) {
      const line = Buffer.alloc(MIB, `${n} `);
      hash.update(line).update('\n');
      await visit.runner.sendRpc(line);
    }
  })();
  await heldBack(runner.pid);
  process.kill(pid, 'SIGUSR2');
  await sending;
  visit.runner.send({ kind: 'stop' });
  expect(await bench.said('sum')).toBe(hash.digest('hex'));
  expect(peakMemoryBytes(runner.pid)).toBeLessThan(RUNNER_BYTES);
});

test('a child that dies with a full stdin ends its runner all the same', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(
    program(
      `process.on('SIGUSR2', () => process.exit(7)); say('listening', ''); setInterval(() => {}, 1000)`,
    ),
  );
  const { pid } = await visit.report('started');
  await bench.said('listening');
  for (let n = 0; n < 20; n += 1) void visit.runner.sendRpc(Buffer.alloc(MIB, 'x'));
  await heldBack(runner.pid);
  // Whoever sends is told that it is not read.
  expect(visit.runner.send({ kind: 'memo', memo: null })).toBe(false);
  process.kill(pid, 'SIGUSR2');
  expect(await runner.exited).toBe(7);
  expect(await visit.report('exited')).toMatchObject({ code: 7 });
});

/** A log that takes what its reader takes: a disk as slow as we like. */
function slowDisk(bench: RunnerBench): void {
  mkdirSync(bench.path('logs'));
  execFileSync('mkfifo', [bench.logFile]);
}

async function readLines(bench: RunnerBench, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: createReadStream(bench.logFile) });
  for await (const json of lines) onLine((JSON.parse(json) as { line: string }).line);
}

test('a disk that does not keep up holds the child back: the runner does not grow, and nothing is lost', async () => {
  await using bench = new RunnerBench();
  slowDisk(bench);
  const { runner, visit } = await bench.run(
    program(`${FLOOD.replaceAll('writeSync(1', 'writeSync(2')} flood()`),
  );
  const { pid } = await visit.report('started');
  await heldBack(pid);
  const [counter, peak] = [new Counter(), peakMemoryBytes(runner.pid)];
  await readLines(bench, (line) => counter.take(Buffer.from(line)));
  expect(await runner.exited).toBe(0);
  expect(counter).toMatchObject({ count: FLOOD_LINES, firstWrong: null });
  expect(peak).toBeLessThan(RUNNER_BYTES);
});

test('the last words of a child that ends while the disk does not keep up are kept', async () => {
  await using bench = new RunnerBench();
  slowDisk(bench);
  const { runner, visit } = await bench.run(
    // Writes until nothing has been taken for a second, and then ends.
    program(`process.stderr.on('error', () => {});
      let [n, since] = [0, Date.now()];
      setInterval(() => {
        try {
          for (;; n++, since = Date.now()) fs.writeSync(2, 'line ' + n + ' ' + 'x'.repeat(990) + '\\n');
        } catch (error) {
          if (error.code !== 'EAGAIN') throw error;
          if (Date.now() - since > 1000) { say('written', n); process.exit(3); }
        }
      }, 50)`),
  );
  const { pid } = await visit.report('started');
  const written = Number(await bench.said('written'));
  await until('the child has ended', () => !isAlive(pid));
  // Longer than any patience with pipes that a grandchild holds open.
  await sleep(2_000);
  const lines: string[] = [];
  await readLines(bench, (line) => lines.push(line));
  expect(await runner.exited).toBe(3);
  expect(lines.length).toBe(written);
  expect(lines.findIndex((line, index) => !line.startsWith(`line ${index} `))).toBe(-1);
});
