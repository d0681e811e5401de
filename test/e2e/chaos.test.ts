import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Callers, echo, type FinishedCall } from '../support/callers.ts';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** `CHAOS_SECONDS=120 npx vitest run test/e2e/chaos.test.ts` for more of it. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 30);
const SESSIONS = 8;
const CALLERS = 8;

type Blow = 'rotate' | 'kill' | 'supervisor';
const BLOWS: readonly Blow[] = [
  'kill',
  'rotate',
  'kill',
  'supervisor',
  'rotate',
  'kill',
  'kill',
  'rotate',
  'kill',
];

interface Kill {
  readonly at: number;
  readonly pid: number;
}

test(
  'rotations and kills lose no session, cross no answers, and fail only what a kill interrupted',
  async () => {
    await using project = new TestProject({
      env: 'VALUE=value-0\n',
      servers: { echoes: fixtureServer(fixture('echoes'), { env: { VALUE: '${VALUE}' } }) },
    });
    await project.ok('up');
    const endpoint = await project.endpoint('echoes');
    const supervisor = project.pidIn('supervisor.json');
    await using witness = await connect(endpoint);
    await using callers = await Callers.start(endpoint, SESSIONS, CALLERS);
    const kills: Kill[] = [];
    let rotations = 0;

    for (const blow of BLOWS) {
      await sleep((SECONDS * 1000) / (BLOWS.length + 1));
      if (blow === 'rotate') project.write('.env', `VALUE=value-${++rotations}\n`);
      if (blow === 'supervisor') process.kill(project.pidIn('supervisor.json'), 'SIGKILL');
      if (blow === 'kill')
        kills.push(await killChild(() => echo(witness, 'look', 'who').then(({ pid }) => pid)));
    }
    await sleep((SECONDS * 1000) / (BLOWS.length + 1));
    await until('the last value is seen', async () => {
      return (await echo(witness, 'look', 'which')).value === `value-${rotations}`;
    });
    await callers.stop();

    const { calls } = callers;
    expect(calls.length).toBeGreaterThan(SESSIONS * CALLERS);
    expect(calls.filter(isCrossed)).toEqual([]);
    expect(summary(callers.failures.filter((call) => !isExcused(call, kills, calls)))).toEqual({});
    expect(callers.lostSessions).toBe(0);
    for (const connection of callers.connections) {
      expect(await echo(connection, 'look', 'after')).toMatchObject({ nonce: 'after' });
    }

    const recorded = project.read('recorded').trimEnd().split('\n');
    const distinct = new Set(recorded);
    expect(recorded).toHaveLength(distinct.size);
    const answered = calls.filter(({ tool, outcome }) => tool === 'record' && !(outcome instanceof Error));
    expect(answered.filter(({ nonce }) => !distinct.has(nonce))).toEqual([]);

    expect(project.pidIn('supervisor.json')).not.toBe(supervisor);
    expect(await project.server('echoes')).toMatchObject({
      state: 'ready',
      sessions: SESSIONS + 1,
      calls: 0,
    });
  },
  (SECONDS + 150) * 1000,
);

/** Ends the child that serves; it may have been replaced since it was asked. */
async function killChild(serving: () => Promise<number>): Promise<Kill> {
  return until('a child is killed', async () => {
    const pid = await serving();
    const at = performance.now();
    process.kill(pid, 'SIGKILL');
    return { at, pid };
  });
}

/** Another call's answer, or one that nobody asked for. */
function isCrossed({ nonce, outcome }: FinishedCall): boolean {
  return !(outcome instanceof Error) && outcome.nonce !== nonce;
}

/** A failure that had to be: the call was with a child that was killed, and may not be made twice. */
function isExcused(
  { tool, startedAt, endedAt, outcome }: FinishedCall,
  kills: readonly Kill[],
  calls: readonly FinishedCall[],
): boolean {
  if (tool !== 'record' || !(outcome instanceof Error)) return false;
  if (!/was ended by SIGKILL during this call; it may or may not have been carried out/.test(outcome.message))
    return false;
  return kills.some(({ at, pid }) => {
    const next = calls.find(
      (call) => call.endedAt > at && !(call.outcome instanceof Error) && call.outcome.pid !== pid,
    );
    return endedAt >= at && startedAt <= (next?.endedAt ?? Number.POSITIVE_INFINITY);
  });
}

/** How often each thing went wrong. */
function summary(failures: readonly FinishedCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { tool, outcome } of failures) {
    const { message, cause } = outcome as Error;
    const what = `${tool}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
