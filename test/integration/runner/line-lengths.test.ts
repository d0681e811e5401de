import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { program, RunnerBench } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const MIB = 1024 ** 2;
const CAT = { command: 'cat', args: [] };
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A message of exactly so many bytes, most of its characters longer than one. */
function message(bytes: number): Buffer {
  const frame = '{"jsonrpc":"2.0","params":""}';
  const room = bytes - frame.length;
  const text = '€😀ß'.repeat(Math.floor(room / 9)) + 'x'.repeat(room % 9);
  return Buffer.from(frame.replace('""', `"${text}"`));
}

const SIZES = [29, 1_000, 65_535, 65_536, 65_537, 1024 * 1024 + 1, 64 * MIB];

test.each(SIZES)('a message of %i bytes passes byte for byte, to the child and back', async (bytes) => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(CAT);
  const sent = message(bytes);
  expect(sent.length).toBe(bytes);
  await visit.report('started');
  await visit.runner.sendRpc(sent);
  await visit.runner.sendRpc(message(29));
  const [first, second] = [await visit.line(0), await visit.line(1)];
  expect([first.length, sha(first)]).toEqual([bytes, sha(sent)]);
  expect(second.toString()).toBe(message(29).toString());
  expect(visit.reports.map(({ kind }) => kind)).not.toContain('oversize');
});

test('lines of any bytes reach the child as they are, from one byte up', async () => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(
    program(`const hash = require('node:crypto').createHash('sha256');
      process.stdin.on('data', (chunk) => hash.update(chunk)).on('end', () => say('sum', hash.digest('hex')))`),
    { stop: { eofMs: 30_000, termMs: 1_000 } },
  );
  await visit.report('started');
  const lines = [1, 2, 3, 4_095, 4_096, 4_097, MIB].map((size) => {
    return randomBytes(size).map((byte) => (byte === 0x0a ? 0 : byte)) as Buffer;
  });
  for (const line of lines) await visit.runner.sendRpc(line);
  visit.runner.send({ kind: 'stop' });
  const whole = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  expect(await bench.said('sum')).toBe(sha(whole));
});

test('one byte over the limit is dropped and reported, on each stream, and the stream goes on', async () => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(
    program(`const over = Buffer.alloc(64 * 1024 * 1024 + 1, 'x');
      fs.writeSync(1, '{"jsonrpc":"2.0","method":"before"}\\n');
      for (const fd of [1, 2]) {
        for (let at = 0; at < over.length; ) at += fs.writeSync(fd, over, at);
        fs.writeSync(fd, '\\n');
      }
      fs.writeSync(1, '{"jsonrpc":"2.0","method":"after"}\\n');
      fs.writeSync(2, 'after\\n');
      process.stdin.resume()`),
  );
  await visit.line(1);
  expect(visit.lines.map(String)).toEqual([
    '{"jsonrpc":"2.0","method":"before"}',
    '{"jsonrpc":"2.0","method":"after"}',
  ]);
  await until('the line after it is in the log', () => bench.lines('stderr').includes('after'));
  expect(bench.lines()).toEqual(['after']);
  expect(visit.reports.filter(({ kind }) => kind === 'oversize')).toMatchObject([
    { kind: 'oversize', stream: 'stdout', bytes: 64 * MIB + 1 },
    { kind: 'oversize', stream: 'stderr', bytes: 64 * MIB + 1 },
  ]);
});
