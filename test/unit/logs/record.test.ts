import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord } from '../../../src/logs/record.ts';
import { record } from './records.ts';

describe('encodeRecord', () => {
  it('puts the fields in one order, whoever made the record', () => {
    const { time, server, generation, stream, level, line } = record('hi');
    expect(encodeRecord({ line, level, stream, generation, server, time })).toBe(
      '{"time":"2026-01-01T00:00:00.000Z","server":"sentry","generation":1,"stream":"stderr","level":"info","line":"hi"}\n',
    );
  });

  it('writes nothing that a terminal obeys or that ends a line', () => {
    const text = encodeRecord(record('\u001b[31m\r\n\u0007\u007f\u009b2J\u2028\u2029'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
    expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });

  it('is what decodeRecord reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        expect(decodeRecord(encodeRecord(record(line)).slice(0, -1))).toEqual(record(line));
      }),
    );
  });
});

describe('decodeRecord', () => {
  const encoded = encodeRecord(record('hi')).trim();

  it.each([
    '',
    'plain text',
    'null',
    '[]',
    '{"msg":"foreign"}',
    encoded.slice(0, -5),
    encoded.replace('stderr', 'stdin'),
    encoded.replace('info', 'loud'),
    encoded.replace('2026-01-01T', 'once '),
    encoded.replace('"generation":1', '"generation":"1"'),
  ])('is null for %s', (line) => {
    expect(decodeRecord(line)).toBeNull();
  });

  it('finds the record that follows a torn one on the same line', () => {
    expect(decodeRecord(encoded.slice(0, 40) + encoded)).toEqual(record('hi'));
  });

  it('drops other fields, and writes times in one notation', () => {
    const line = encoded.replace('"2026-01-01T00:00:00.000Z"', '"2026-01-01T02:00:00+02:00","pid":12');
    expect(decodeRecord(line)).toEqual(record('hi'));
  });
});
