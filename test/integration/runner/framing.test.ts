import fc from 'fast-check';
import { expect, test } from 'vitest';
import { program, RunnerBench } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

/** Lines as a JavaScript literal. */
const literal = (lines: readonly string[]) => JSON.stringify(lines.map((line) => `${line}\n`).join(''));

test('JSON-RPC goes to the supervisor, everything else into the log, each in its order', async () => {
  await using bench = new RunnerBench();
  const answer = '{"jsonrpc":"2.0","id":1,"result":{}}';
  const output = [
    'Starting up',
    '{"jsonrpc":"2.0","method":"one"}',
    '{"level":"info","msg":"valid JSON, but no message"}',
    ` ${answer} `,
    `\u001b[32mDEBUG\u001b[0m ${answer}`,
    `[${answer},${answer}]`,
    '',
    '{"jsonrpc":"2.0","id":2,"result":{"cut":"sho',
    '{"id":0,"jsonrpc":"2.0","method":"two"}\r',
  ];
  const { visit } = await bench.run(
    program(
      `process.stdout.write(${literal(output)}); process.stderr.write('on stderr\\n'); process.stdin.resume()`,
    ),
  );
  await visit.line(3);
  expect(visit.lines.map(String)).toEqual([
    '{"jsonrpc":"2.0","method":"one"}',
    ` ${answer} `,
    `[${answer},${answer}]`,
    '{"id":0,"jsonrpc":"2.0","method":"two"}',
  ]);
  await until('the log has them all', () => bench.lines().length === 6);
  expect(bench.lines('stderr')).toEqual(['on stderr']);
  expect(bench.lines('stdout')).toEqual([
    'Starting up',
    '{"level":"info","msg":"valid JSON, but no message"}',
    `\u001b[32mDEBUG\u001b[0m ${answer}`,
    '',
    '{"jsonrpc":"2.0","id":2,"result":{"cut":"sho',
  ]);
});

test('noise is reported once, with a sample that is short and redacted', async () => {
  await using bench = new RunnerBench();
  const secret = 'canary-in-the-noise';
  const { visit } = await bench.run(
    program(
      `console.log('key ${secret} ' + 'x'.repeat(9000)); console.log('more noise'); process.stdin.resume()`,
    ),
    { secrets: [secret] },
  );
  const { sample } = await visit.report('noise');
  expect(sample).toMatch(/^key \[redacted\] x+$/);
  expect(sample.length).toBeLessThan(300);
  await until('the log has both lines', () => bench.lines('stdout').length === 2);
  expect(visit.reports.filter(({ kind }) => kind === 'noise')).toHaveLength(1);
  expect(bench.lines('stdout')).toEqual([`key [redacted] ${'x'.repeat(9000)}`, 'more noise']);
});

test('UTF-8 is never split, wherever the child cuts its writes', async () => {
  await using bench = new RunnerBench();
  const characters = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), {
    minLength: 2_000,
    maxLength: 2_000,
  });
  const [sampled = []] = fc.sample(characters, 1);
  const text = `${sampled.join('').replaceAll(/\s/g, '')}€😀ß\u{1f469}\u200d\u{1f4bb}`;
  const body = Buffer.from(`{"jsonrpc":"2.0","params":${JSON.stringify(text)}}\n`).toString('base64');
  const { visit } = await bench.run(
    program(`const bytes = Buffer.from('${body}', 'base64');
      const log = bytes.subarray(26);
      for (let at = 0; at < bytes.length; at += 3) fs.writeSync(1, bytes.subarray(at, at + 3));
      for (let at = 0; at < log.length; at += 1) fs.writeSync(2, log.subarray(at, at + 1));
      process.stdin.resume()`),
  );
  expect(JSON.parse((await visit.line(0)).toString())).toEqual({ jsonrpc: '2.0', params: text });
  const [line] = await until('the log has the line', () =>
    bench.lines('stderr').length > 0 ? bench.lines('stderr') : null,
  );
  expect(line).toBe(`${JSON.stringify(text)}}`);
});
