import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processRow } from '../../../src/runner/process-table.ts';
import { argumentsOf } from '../../support/processes.ts';
import { APP, program, RunnerBench } from '../../support/runner.ts';

const STAYS = program('process.stdin.resume()');

test('a runner says hello without a child, starts what it is ordered, and answers a second order with nothing', async () => {
  await using bench = new RunnerBench();
  await bench.listen();
  const runner = bench.start();
  const visit = await bench.visit();
  expect(visit.runner).toMatchObject({ pid: runner.pid, child: null, memo: null });
  visit.runner.send(bench.order(STAYS));
  visit.runner.send(bench.order(STAYS));
  visit.runner.send({ kind: 'flush', token: 7 });
  expect(await visit.report('flushed')).toEqual({ kind: 'flushed', token: 7 });
  const { pid, startedAt } = await visit.report('started');
  expect(visit.reports.filter(({ kind }) => kind === 'started')).toHaveLength(1);
  expect(processRow(pid)).toMatchObject({ parent: runner.pid, group: pid });
  expect(startedAt).toBeGreaterThan(Date.now() - 60_000);
});

test('the child gets its arguments, its folder and its environment as ordered, and nothing of the runner', async () => {
  await using bench = new RunnerBench();
  const { command, args } = program(
    'say("seen", JSON.stringify([process.argv.slice(1), process.cwd(), process.env]))',
  );
  const env = { PATH: '/nowhere', ONE: 'ü €', EMPTY: '' };
  await bench.run({ command, args: [...args, 'a b', '', '"$HOME"'], env });
  expect(JSON.parse(await bench.said('seen'))).toEqual([['a b', '', '"$HOME"'], bench.dir, env]);
});

test("secrets of the order are in no argument and no environment but the child's", async () => {
  await using bench = new RunnerBench();
  const secret = 'canary-of-the-order';
  const { runner, visit } = await bench.run({ ...STAYS, env: { SECRET: secret } }, { secrets: [secret] });
  const { pid } = await visit.report('started');
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain(secret);
  expect(readFileSync(`/proc/${runner.pid}/environ`, 'utf8')).not.toContain(secret);
  expect(argumentsOf(runner.pid)).toContain(APP);
  expect(argumentsOf(runner.pid)).not.toContain(secret);
  expect(readFileSync(bench.groupFile, 'utf8')).not.toContain(secret);
});

test('a bare command that PATH has only where it may not be used', async () => {
  await using bench = new RunnerBench();
  writeFileSync(bench.path('plain'), '#!/bin/sh\n', { mode: 0o644 });
  const { visit } = await bench.run({ command: 'plain', env: { PATH: bench.dir } });
  expect(await visit.report('spawn-failed')).toMatchObject({
    code: 'EACCES',
    message: expect.stringContaining('plain was not found where PATH may be used'),
  });
});

const TOO_LONG = Array.from({ length: 40 }, () => 'x'.repeat(100_000));
test('a value that cannot be passed on is not quoted: it may be a secret', async () => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run({ env: { SECRET: 'canary-with-a-nul\0' } });
  expect((await visit.report('spawn-failed')).message).not.toContain('canary');
});

test.each([
  ['a command that is missing', { command: './no-such-program' }, 'ENOENT', 'no-such-program was not found'],
  [
    'a command that PATH does not have',
    { command: 'no-such-program', env: { PATH: '/usr/bin:/bin' } },
    'ENOENT',
    'was not found',
  ],
  ['a file that is not executable', { command: './plain' }, 'EACCES', 'plain is not executable'],
  ['a folder as the command', { command: '.' }, 'EACCES', 'is not executable'],
  ['a cwd that is missing', { cwd: '/no/such/folder' }, 'ENOENT', 'its cwd /no/such/folder cannot be used'],
  ['a cwd that is a file', { cwd: process.execPath }, 'ENOTDIR', 'is not a folder'],
  ['a NUL byte in an argument', { args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE', 'hold a NUL byte'],
  ['arguments that are too long', { args: TOO_LONG }, 'E2BIG', 'too long'],
])('%s: the reason is told, and the runner ends with 69', async (_, launch, code, message) => {
  await using bench = new RunnerBench();
  writeFileSync(bench.path('plain'), '#!/bin/sh\n');
  chmodSync(bench.path('plain'), 0o644);
  const { runner, visit } = await bench.run(launch);
  expect(await visit.report('spawn-failed')).toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
  expect(await runner.exited).toBe(69);
});
