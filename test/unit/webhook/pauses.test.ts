import { expect, it } from 'vitest';
import { pauseMs } from '../../../src/webhook/pauses.ts';

const longest = (failures: number, retryAfterMs: number | null = null) => pauseMs(failures, retryAfterMs, 1);

it('doubles with each failure in a row, up to five minutes', () => {
  expect([1, 2, 3, 4].map((failures) => longest(failures))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect([9, 10, 20, 5_000].map((failures) => longest(failures))).toEqual([
    256_000, 300_000, 300_000, 300_000,
  ]);
});

it('leaves half of it to chance', () => {
  expect([0, 0.5, 1].map((random) => pauseMs(3, null, random))).toEqual([2_000, 3_000, 4_000]);
});

it('is as long as the receiver asks for, within reason, and no shorter for it', () => {
  expect(longest(1, 30_000)).toBe(30_000);
  expect(longest(6, 1_000)).toBe(32_000);
  expect(longest(1, 86_400_000)).toBe(3_600_000);
});
