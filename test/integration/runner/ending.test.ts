import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { groupAlive } from '../../../src/runner/process-group.ts';
import { REPO } from '../../support/cli.ts';
import { isAlive } from '../../support/processes.ts';
import { APP, program, RunnerBench, startsGrandchild } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

/** Says which rung of the ladder it got to; `ignores` are the ones that do not end it. */
const climber = (...ignores: readonly ('eof' | 'SIGTERM')[]) =>
  program(`process.stdin.resume().on('end', () => { say('eof', ''); ${ignores.includes('eof') ? '' : 'process.exit(0)'} });
    process.on('SIGTERM', () => { say('SIGTERM', ''); ${ignores.includes('SIGTERM') ? '' : 'process.exit(0)'} });
    setInterval(() => {}, 1000);
    say('listening', '');`);

/** Ends politely at stdin EOF, and leaves a grandchild behind that ignores SIGTERM and holds the pipes open. */
const WITH_GRANDCHILD = program(`${startsGrandchild('inherit')}
    process.stdin.resume().on('end', () => process.exit(0));
    process.on('SIGUSR2', () => process.exit(4));`);

test.each([
  ['exits with a code', 'process.exitCode = 23', 23, { code: 23, signal: null }],
  ['ends well', '', 0, { code: 0, signal: null }],
  ['is killed', "process.kill(process.pid, 'SIGKILL')", 137, { code: null, signal: 'SIGKILL' }],
  ['aborts', 'process.abort()', 134, { code: null, signal: 'SIGABRT' }],
])(
  'a child that %s: its runner tells, and ends with the code that a shell would give',
  async (_, script, code, exit) => {
    await using bench = new RunnerBench();
    const { runner, visit } = await bench.run(program(script));
    expect(await visit.report('exited')).toEqual({ kind: 'exited', ...exit });
    expect(await runner.exited).toBe(code);
  },
);

test.for(['runner', 'keeper'])(
  'a %s whose parent was gone before it had begun ends, too',
  async (name, { signal }) => {
    await using bench = new RunnerBench();
    const child = fork(`${REPO}/dist/bin/${name}.js`, [bench.socketPath, APP], {
      cwd: bench.dir,
      execArgv: [],
      signal,
      killSignal: 'SIGKILL',
    });
    const exited = once(child, 'exit');
    child.disconnect();
    // By itself, whether it hears of the end or has to look: versions of Node differ.
    const [, killedBy] = await exited;
    expect(killedBy).toBeNull();
  },
);

test('the last words are in the log when the exit is told, also without a newline', async () => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(
    program(
      `process.stdout.write('{"jsonrpc":"2.0","method":"last"}'); process.stderr.write('fatal: no newline'); process.exitCode = 1`,
    ),
  );
  await visit.report('exited');
  expect(bench.lines()).toEqual(['fatal: no newline']);
  expect(visit.lines.map(String)).toEqual(['{"jsonrpc":"2.0","method":"last"}']);
});

const RUNGS = [
  ['stdin EOF', climber(), ['eof'], 'SIGTERM'],
  ['SIGTERM', climber('eof'), ['eof', 'SIGTERM'], null],
  ['SIGKILL', climber('eof', 'SIGTERM'), ['eof', 'SIGTERM'], null],
] as const;
test.each(RUNGS)(
  'the stop ladder ends a child by %s, and comes no further',
  async (_, child, reached, spared) => {
    await using bench = new RunnerBench();
    const { runner, visit } = await bench.run(child);
    const { pid } = await visit.report('started');
    await bench.said('listening');
    visit.runner.send({ kind: 'stop' });
    await visit.report('stopped');
    expect(groupAlive(pid)).toBe(false);
    for (const rung of reached) await bench.said(rung);
    if (spared !== null) expect(bench.has(spared)).toBe(false);
    // The runner itself is pm2's to end.
    expect(isAlive(runner.pid)).toBe(true);
    expect(visit.reports.map(({ kind }) => kind)).not.toContain('exited');
    runner.process.kill('SIGINT');
    expect(await runner.exited).toBe(0);
  },
);

test.each([
  ['a stop', (bench: RunnerBench) => void bench.visits[0]?.runner.send({ kind: 'stop' })],
  ['its exit', (_: RunnerBench, child: number) => void process.kill(child, 'SIGUSR2')],
])('after %s nothing of its group is left, grandchildren that ignore SIGTERM included', async (_, end) => {
  await using bench = new RunnerBench();
  const { visit } = await bench.run(WITH_GRANDCHILD);
  const { pid } = await visit.report('started');
  const grandchild = Number(await bench.said('grandchild'));
  end(bench, pid);
  await until('the child has ended', () =>
    visit.reports.some(({ kind }) => kind === 'stopped' || kind === 'exited'),
  );
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([false, false]);
});

test.each(['SIGINT', 'SIGTERM', 'disconnect'] as const)(
  '%s walks the child down the ladder and ends the runner',
  async (how) => {
    await using bench = new RunnerBench();
    const { runner, visit } = await bench.run(climber('eof', 'SIGTERM'));
    const { pid } = await visit.report('started');
    await bench.said('listening');
    if (how === 'disconnect') runner.process.disconnect();
    else runner.process.kill(how);
    expect(await runner.exited).toBe(0);
    expect(groupAlive(pid)).toBe(false);
    await bench.said('SIGTERM');
  },
);

test('a stop that comes while the child is being started leaves none', async () => {
  await using bench = new RunnerBench();
  await bench.listen();
  const runner = bench.start();
  const visit = await bench.visit();
  visit.runner.send(bench.order(climber('eof', 'SIGTERM')));
  visit.runner.send({ kind: 'stop' });
  await visit.report('stopped');
  expect(bench.processes().map(({ pid }) => pid)).toEqual([runner.pid]);
});

test('a supervisor that hangs does not keep a runner from ending', async () => {
  await using bench = new RunnerBench();
  // It accepts, and then neither reads nor closes.
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(bench.socketPath);
  try {
    await until(
      'it listens',
      () => new Promise((resolve) => connect(bench.socketPath, () => resolve(true)).on('error', () => {})),
    );
    const runner = bench.start();
    await until(
      `${APP} has connected`,
      () => new Promise((resolve) => server.getConnections((_, count) => resolve(count > 1))),
    );
    runner.process.kill('SIGINT');
    expect(await runner.exited).toBe(0);
  } finally {
    server.close();
  }
});
