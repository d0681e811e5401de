import { describe, expect, it } from 'vitest';
import { parseSince } from '../../../src/logs/since.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

describe('parseSince', () => {
  it.each([
    ['90s', '2026-01-31T11:58:30.000Z'],
    ['10m', '2026-01-31T11:50:00.000Z'],
    ['1.5h', '2026-01-31T10:30:00.000Z'],
    ['1d', '2026-01-30T12:00:00.000Z'],
    ['2026-01-01T10:00:00Z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01T10:00:00.5+02:00', '2026-01-01T08:00:00.500Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(parseSince(text, NOW).toISOString()).toBe(expected);
  });

  it.each(['', '10', 'm', '-5m', '10 m', 'yesterday', 'build 12', '2026-13-01', '99999999999999d'])(
    'refuses %j',
    (text) => {
      expect(() => parseSince(text, NOW)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
    },
  );
});
