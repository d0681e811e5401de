import { parse } from 'dotenv';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { envLine, envPieces, hideValues } from '../../../src/config/env-line.ts';
import { checkEnvText } from '../../../src/config/env-text.ts';

it.each([
  ['plain', 'sntryu_abc+/=', 'A=sntryu_abc+/='],
  ['empty', '', 'A='],
  ['a hash', 'a#b', "A='a#b'"],
  ['spaces', ' a b ', "A=' a b '"],
  ['a single quote', "it's", "A=`it's`"],
  ['a dollar', '$HOME', "A='$HOME'"],
  ['lines', 'a\nb', "A='a\nb'"],
  ['a line separator, which is none to an env file', '\u2028', "A='\u2028'"],
  ['a carriage return', 'a\r\nb', 'A="a\\r\\nb"'],
])('%s', (_, value, line) => {
  expect(envLine('A', value)).toBe(line);
});

test('whatever a value is, its pieces are read back by dotenv to the byte', () => {
  const nasty = fc.constantFrom(
    ...["'", '"', '`', '\\', '\n', '\r', '#', ' ', '=', '$', '\\n', 'é', '\t', 'END=x'],
  );
  const value = fc.array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(value, (parts) => {
      const text = parts.join('').replaceAll('\0', '');
      const pieces = envPieces('A', text);
      const file = [
        'FIRST=1',
        ...pieces.map((piece, index) => envLine(`A${index}`, piece)),
        'LAST=2',
        '',
      ].join('\n');
      expect(checkEnvText(file)).toEqual({ problem: null, ignoredLines: [] });
      const { FIRST, LAST, ...read } = parse(file);
      expect([FIRST, LAST]).toEqual(['1', '2']);
      expect(pieces.map((_, index) => read[`A${index}`]).join('')).toBe(text);
      expect(Object.keys(read)).toHaveLength(pieces.length);
    }),
    { numRuns: 300 },
  );
});

test('what may be shown of an env file is its names', () => {
  expect(hideValues('A=secret\n# c\nB="two\nlines"\n')).toBe('A=[redacted]\nB=[redacted]\n');
});
