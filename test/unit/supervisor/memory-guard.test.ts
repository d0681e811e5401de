import { expect, it } from 'vitest';
import { MemoryGuard } from '../../../src/supervisor/memory-guard.ts';

const SECOND = 1_000;

it('lets the first replacement happen at once, and each further one wait twice as long, up to an hour', () => {
  const guard = new MemoryGuard();
  let now = 0;
  const waits: number[] = [];
  for (let time = 0; time < 10; time += 1) {
    const wait = guard.waitMs(now);
    waits.push(wait / SECOND);
    now += wait;
    expect(guard.waitMs(now)).toBe(0);
    guard.replaced(now);
  }
  expect(waits).toEqual([0, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
});

it('counts down while time goes by', () => {
  const guard = new MemoryGuard();
  guard.replaced(5 * SECOND);
  expect(guard.waitMs(15 * SECOND)).toBe(110 * SECOND);
  expect(guard.waitMs(200 * SECOND)).toBe(0);
});

it('forgets after a calm time, which is longer after several replacements', () => {
  const guard = new MemoryGuard();
  guard.replaced(0);
  guard.replaced(130 * SECOND);
  expect(guard.waitMs(130 * SECOND)).toBe(240 * SECOND);
  const calm = (130 + 2_400) * SECOND;
  guard.replaced(calm);
  expect(guard.waitMs(calm)).toBe(120 * SECOND);
});
