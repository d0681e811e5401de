import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type GroupRecord, groupAlive, identify } from '../../../src/runner/process-group.ts';
import { isAlive } from '../../support/processes.ts';
import { program, RunnerBench, startsGrandchild } from '../../support/runner.ts';
import { until } from '../../support/until.ts';

const POLITE = program("process.stdin.resume(); say('listening', '')");
/** Neither it nor its grandchild minds EOF or SIGTERM. */
const STUBBORN = program(`${startsGrandchild('ignore')}
    process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`);

test('kill -9 of the runner: a child that minds stdin EOF goes by itself', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(POLITE);
  const { pid } = await visit.report('started');
  await bench.said('listening');
  process.kill(runner.pid, 'SIGKILL');
  await until('the child has ended', () => !isAlive(pid));
});

test('kill -9 of the runner: a stubborn child and its grandchild are ended before the next one starts', async () => {
  await using bench = new RunnerBench();
  const first = await bench.run(STUBBORN);
  const { pid } = await first.visit.report('started');
  const grandchild = Number(await bench.said('grandchild'));
  process.kill(first.runner.pid, 'SIGKILL');
  await first.runner.exited;
  expect([isAlive(pid), isAlive(grandchild)]).toEqual([true, true]);

  const script = `const runs = (pid) => {
      try { return !/\\) [ZX] /.test(fs.readFileSync('/proc/' + pid + '/stat', 'latin1')); } catch { return false; }
    };
    say('alive', [${pid}, ${grandchild}].filter(runs).length); process.stdin.resume()`;
  const second = await bench.run(program(script));
  await second.visit.report('started');
  expect(await bench.said('alive')).toBe('0');
  expect(groupAlive(pid)).toBe(false);
  expect(recordIn(bench).pid).toBe((await second.visit.report('started')).pid);
});

test('kill -9 of the runner and the child: the grandchild is still found by its group', async () => {
  await using bench = new RunnerBench();
  const first = await bench.run(STUBBORN);
  const { pid } = await first.visit.report('started');
  const grandchild = Number(await bench.said('grandchild'));
  process.kill(first.runner.pid, 'SIGKILL');
  process.kill(pid, 'SIGKILL');
  await until('both have ended', () => !isAlive(pid) && !isAlive(first.runner.pid));
  expect(isAlive(grandchild)).toBe(true);
  const second = await bench.run(POLITE);
  await second.visit.report('started');
  expect(isAlive(grandchild)).toBe(false);
});

const SOMEBODY_ELSE: readonly [string, (record: GroupRecord) => GroupRecord][] = [
  ['started at another time', (record) => ({ ...record, startTime: String(Number(record.startTime) - 1) })],
  ['of another boot', (record) => ({ ...record, bootId: 'another' })],
];
test.each(SOMEBODY_ELSE)(
  'a group %s is somebody else’s under a reused id, and is not touched',
  async (_, reused) => {
    await using bench = new RunnerBench();
    const bystander = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    try {
      const own = identify(bystander.pid as number);
      const record = { ...own, runner: { pid: 4_000_000, startTime: '1' }, bootId: bootId() } as GroupRecord;
      writeFileSync(bench.groupFile, JSON.stringify(reused(record)));
      const { visit } = await bench.run(POLITE);
      const { pid } = await visit.report('started');
      expect(isAlive(bystander.pid as number)).toBe(true);
      expect(recordIn(bench).pid).toBe(pid);
    } finally {
      bystander.kill('SIGKILL');
      await once(bystander, 'exit');
    }
  },
);

test('a group whose leader is gone, with a member that is older than it was, is somebody else’s', async () => {
  await using bench = new RunnerBench();
  // The leader ends at once, and leaves a member of its group.
  const leader = spawn('sh', ['-c', 'sleep 1000 & echo $!'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(leader.stdout, 'data')) as [Buffer];
  const member = Number(line.toString());
  try {
    await until('the leader has ended', () => !isAlive(leader.pid as number));
    const startTime = String(Number(identify(member)?.startTime) + 1);
    const record = {
      pid: leader.pid,
      startTime,
      runner: { pid: 4_000_000, startTime: '1' },
      bootId: bootId(),
    };
    writeFileSync(bench.groupFile, JSON.stringify(record));
    const { visit } = await bench.run(POLITE);
    await visit.report('started');
    expect(isAlive(member)).toBe(true);
  } finally {
    process.kill(member, 'SIGKILL');
  }
});

test('a record that a crash cut short is no obstacle', async () => {
  await using bench = new RunnerBench();
  writeFileSync(bench.groupFile, '{"pid": 12');
  const { visit } = await bench.run(POLITE);
  const { pid } = await visit.report('started');
  expect(recordIn(bench).pid).toBe(pid);
});

test('the record names child and runner, and goes with the child', async () => {
  await using bench = new RunnerBench();
  const { runner, visit } = await bench.run(POLITE);
  const { pid } = await visit.report('started');
  expect(recordIn(bench)).toEqual({ ...identify(pid), runner: identify(runner.pid), bootId: bootId() });
  visit.runner.send({ kind: 'stop' });
  await visit.report('stopped');
  expect(bench.has('groups/server@1.json')).toBe(false);
});

function recordIn(bench: RunnerBench): GroupRecord {
  return JSON.parse(readFileSync(bench.groupFile, 'utf8')) as GroupRecord;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
