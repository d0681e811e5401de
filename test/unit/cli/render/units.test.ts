import { expect, it } from 'vitest';
import { duration, megabytes } from '../../../../src/cli/render/units.ts';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

it.each([
  [0, '0s'],
  [999, '0s'],
  [S, '1s'],
  [59 * S + 999, '59s'],
  [M, '1m'],
  [M + S, '1m 1s'],
  [H, '1h'],
  [H + M + S, '1h 1m'],
  [H + S, '1h 1s'],
  [D - 1, '23h 59m'],
  [D, '1d'],
  [400 * D + 5 * H + M, '400d 5h'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [0, '0 MB'],
  [1024 * 1024, '1 MB'],
  [1.6 * 1024 * 1024, '2 MB'],
  [2048 * 1024 * 1024, '2048 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(megabytes(bytes)).toBe(text);
});
