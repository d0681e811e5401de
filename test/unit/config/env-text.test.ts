import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEnvText } from '../../../src/config/env-text.ts';

const FINE = { problem: null, ignoredLines: [] };

describe('a finished file', () => {
  it.each([
    '',
    '\n\n',
    'A=1',
    'A=1\n',
    '\uFEFFA=1\n',
    'A=1\r\nB=2\r\n',
    'A=1\rB=2\r',
    '# a comment\n  # another\n\nA=1 # and one behind\n',
    'export A=1\n  export\tB = 2\n',
    'A: 1\n',
    'A=\nB=""\n',
    'a.b-c_D=1\n',
    'A="x y"\nB=\'#\'\nC=`"`\n',
    'A="x" # "comment"\n',
    'A="first\nsecond\n"\nB=1\n',
    "A='first\r\nsecond'\r\nB=1\r\n",
    'A="a \\" quote"\n',
    'A="a \\"\nquote"\n',
    "A='it's'\nB=1\n",
    'A="x" y\nB=1\n',
    'A="C:\\folder\\"\nB="x"\n',
    'A="C:\\folder\\"',
  ])('%j', (text) => {
    expect(checkEnvText(text)).toEqual(FINE);
  });
});

describe('an unfinished one', () => {
  it.each([
    ['A=1\0', 'holds NUL bytes'],
    ['A=1\nB', 'ends within line 2'],
    ['A=1\n\n  SENTRY_AUTH', 'ends within line 3'],
    ['export', 'ends within line 1'],
    ['A=1\nB="x', 'has a quote on line 2 that never ends'],
    ['A="first\nsecond\n', 'has a quote on line 1 that never ends'],
    ["A=1\r\nB='\r\n", 'has a quote on line 2 that never ends'],
    ['A=`x', 'has a quote on line 1 that never ends'],
    // The quote of B is no end of A's: dotenv would take A for the literal `"x`.
    ['A="x\nB="y"\n', 'has a quote on line 1 that never ends'],
    ["A=\"x\nB='y'\n", 'has a quote on line 1 that never ends'],
  ])('%j', (text, problem) => {
    expect(checkEnvText(text)).toEqual({ problem, ignoredLines: [] });
  });

  it('is any file whose last value is quoted, cut inside that value', () => {
    const body = fc.string({ unit: fc.constantFrom('a', ' ', '#', '=', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom('"', "'", '`'), body, fc.nat(12), (quote, value, cut) => {
        const text = `A=1\nB=${quote}${value}${quote}\n`;
        const end = 'A=1\nB='.length + 1 + Math.min(cut, value.length);
        expect(checkEnvText(text)).toEqual(FINE);
        expect(checkEnvText(text.slice(0, end)).problem).toBe('has a quote on line 2 that never ends');
      }),
    );
  });
});

describe('lines that dotenv skips', () => {
  it.each([
    ['A=1\nnonsense\nB=2\n', [2]],
    ['export A\nB=2\n', [1]],
    ['my key=1\nB=2\n', [1]],
    ['K : v\n', [1]],
    ['=1\n\n?\n', [1, 3]],
    ['A="x\ny"\nnonsense\n', [3]],
    ["A='\r\n\r\n'\r\nnonsense\r\n", [4]],
  ])('%j', (text, ignoredLines) => {
    expect(checkEnvText(text)).toEqual({ problem: null, ignoredLines });
  });
});

describe('beside dotenv', () => {
  interface Piece {
    readonly text: string;
    readonly kind: 'value' | 'quiet' | 'skipped';
    readonly value?: string;
  }

  const piece = (kind: Piece['kind'], ...texts: string[]) =>
    fc.constantFrom(...texts).map((text): Piece => ({ kind, text }));
  const plain = fc
    .tuple(
      fc.constantFrom('=', ' = ', ': '),
      fc.string({ unit: fc.constantFrom('x', ' ', '=', ':', '\\'), maxLength: 5 }),
    )
    .filter(([separator, value]) => separator !== ': ' || value.trim() !== '')
    .map(
      ([separator, value]): Piece => ({ kind: 'value', text: `${separator}${value}`, value: value.trim() }),
    );
  const quoted = fc
    .tuple(
      fc.constantFrom('=', ' = ', ': '),
      fc.constantFrom("'", '`', '"'),
      fc.string({ unit: fc.constantFrom('x', ' ', '#', '=', '\n'), maxLength: 8 }),
      fc.constantFrom('', ' ', ' # note'),
    )
    .map(([separator, quote, value, rest]): Piece => {
      return { kind: 'value', text: `${separator}${quote}${value}${quote}${rest}`, value };
    });
  const quiet = piece('quiet', '', '  ', '# note', ' # A="');
  const skipped = piece('skipped', 'nonsense', 'x y=1', 'export', ': x');

  it('each line is a value that dotenv reads, or quiet, or reported', () => {
    const pieces = fc.array(fc.oneof(plain, quoted, quiet, skipped), { maxLength: 8 });
    fc.assert(
      fc.property(
        pieces,
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', 'export '),
        (all, eol, prefix) => {
          const values: Record<string, string> = {};
          const ignoredLines: number[] = [];
          let text = '';
          for (const [at, one] of all.entries()) {
            const line = text.split('\n').length;
            if (one.kind === 'skipped') ignoredLines.push(line);
            if (one.value !== undefined) values[`K${at}`] = one.value;
            text += `${one.kind === 'value' ? `${prefix}K${at}` : ''}${one.text}\n`;
          }
          text = text.replaceAll('\n', eol);
          expect(checkEnvText(text)).toEqual({ problem: null, ignoredLines });
          expect(parse(text)).toEqual(values);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
