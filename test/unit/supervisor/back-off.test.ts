import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RestartPolicy } from '../../../src/model.ts';
import { BackOff } from '../../../src/supervisor/back-off.ts';

const POLICY: RestartPolicy = { maxRestarts: 6, minUptimeMs: 5_000, backoffMs: 100, maxBackoffMs: 1_000 };

const pauses = (policy: RestartPolicy, ...uptimesMs: readonly number[]) => {
  const backOff = new BackOff(policy);
  return uptimesMs.map((uptimeMs) => backOff.next(uptimeMs));
};

it('begins at once, doubles the pause up to the limit, and gives up', () => {
  expect(pauses(POLICY, 0, 0, 0, 0, 0, 0, 0, 0)).toEqual([0, 100, 200, 400, 800, 1_000, null, null]);
});

it('begins anew after a stable run', () => {
  expect(pauses(POLICY, 0, 0, 4_999, 5_000, 0, 0)).toEqual([0, 100, 200, 0, 100, 200]);
});

it('counts crashes in a row', () => {
  const backOff = new BackOff(POLICY);
  expect(backOff.crashes).toBe(0);
  for (const uptimeMs of [0, 0, 0]) backOff.next(uptimeMs);
  expect(backOff.crashes).toBe(3);
  backOff.next(60_000);
  expect(backOff.crashes).toBe(1);
});

it('starts nothing again where no restart is allowed', () => {
  expect(pauses({ ...POLICY, maxRestarts: 0 }, 0)).toEqual([null]);
  expect(pauses({ ...POLICY, maxRestarts: 0 }, 60_000)).toEqual([null]);
  expect(pauses({ ...POLICY, maxRestarts: 1 }, 0, 0)).toEqual([0, null]);
});

it('never pauses for longer than the limit, however often it crashes', () => {
  const policy = fc.record({
    maxRestarts: fc.nat(5_000),
    minUptimeMs: fc.nat(10_000),
    backoffMs: fc.nat(10_000),
    maxBackoffMs: fc.nat(100_000),
  });
  fc.assert(
    fc.property(policy, fc.array(fc.nat(20_000), { maxLength: 50 }), (given, uptimesMs) => {
      for (const pauseMs of pauses(given, ...uptimesMs)) {
        if (pauseMs === null) continue;
        expect(pauseMs).toBeGreaterThanOrEqual(0);
        expect(pauseMs).toBeLessThanOrEqual(given.maxBackoffMs);
      }
    }),
  );
  expect(pauses({ ...POLICY, maxRestarts: 5_000 }, ...new Array(4_000).fill(0)).at(-1)).toBe(1_000);
});
