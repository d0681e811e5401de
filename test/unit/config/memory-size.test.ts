import { expect, it } from 'vitest';
import { bytesOf } from '../../../src/config/memory-size.ts';

it.each<[number | string, number | null]>([
  [1_000, 1_000],
  ['1000', 1_000],
  ['100K', 102_400],
  ['512M', 536_870_912],
  ['512mb', 536_870_912],
  [' 1G ', 1_073_741_824],
  ['1.5G', 1_610_612_736],
  ['0', null],
  ['', null],
  ['M', null],
  ['-1M', null],
  ['1T', null],
  ['1 M', null],
  ['1MiB', null],
  ['1e3', null],
  ['512M or so', null],
])('%j is %j bytes', (size, bytes) => {
  expect(bytesOf(size)).toBe(bytes);
});

it('more than a number can hold is no size', () => {
  expect(bytesOf('9'.repeat(400))).toBeNull();
});
