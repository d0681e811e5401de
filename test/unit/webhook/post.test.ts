import { expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src/webhook/post.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

it.each<[string | null, number | null]>([
  [null, null],
  ['', null],
  ['0', 0],
  [' 120 ', 120_000],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', null],
  ['-5', null],
  ['soon', null],
])('Retry-After %j is %j ms', (value, ms) => {
  expect(parseRetryAfter(value, NOW)).toBe(ms);
});
