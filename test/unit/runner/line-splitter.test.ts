import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/runner/line-splitter.ts';

interface Split {
  readonly lines: string[];
  readonly oversize: number[];
}

function split(chunks: readonly Uint8Array[], maxBytes = Number.POSITIVE_INFINITY): Split {
  const lines: string[] = [];
  const oversize: number[] = [];
  const splitter = new LineSplitter(
    { onLine: (line) => lines.push(line.toString()), onOversize: (bytes) => oversize.push(bytes) },
    maxBytes,
  );
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return { lines, oversize };
}

/** Cuts at the given places, wherever they are: in characters too. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const places = fc.array(fc.nat(10_000), { maxLength: 40 });
/** Whole characters of one to four bytes, and the bytes that separate lines. */
const character = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom('ß', '€', '😀', '\r', '\r\n', '\n', '\u2028', '\0') },
);
const text = fc.array(character, { maxLength: 200 }).map((characters) => characters.join(''));

/** What a child's text means as lines: cut at newlines, less a carriage return, the rest is a line too. */
function linesOf(whole: string): string[] {
  const lines = whole.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut into chunks, and never half a character', () => {
    fc.assert(
      fc.property(text, places, (whole, cuts) => {
        expect(split(cut(Buffer.from(whole), cuts)).lines).toEqual(linesOf(whole));
      }),
      { numRuns: 500 },
    );
  });

  it('passes bytes that are no UTF-8 as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), places, (bytes, cuts) => {
        const joined: Buffer[] = [];
        const splitter = new LineSplitter(
          { onLine: (line) => joined.push(Buffer.concat([line, Buffer.from('\n')])), onOversize: () => {} },
          Number.POSITIVE_INFINITY,
        );
        const whole = Buffer.from(bytes.filter((byte) => byte !== 0x0d));
        for (const chunk of cut(whole, cuts)) splitter.push(chunk);
        splitter.end();
        const ended = whole.length === 0 || whole.at(-1) === 0x0a;
        expect(Buffer.concat(joined)).toEqual(ended ? whole : Buffer.concat([whole, Buffer.from('\n')]));
      }),
    );
  });

  it('drops exactly the lines over the limit, tells their length, and goes on', () => {
    const limit = 20;
    fc.assert(
      fc.property(fc.array(fc.nat(2 * limit), { maxLength: 30 }), places, (sizes, cuts) => {
        const whole = sizes.map((size, index) => `${String.fromCharCode(97 + (index % 26)).repeat(size)}\n`);
        const { lines, oversize } = split(cut(Buffer.from(whole.join('')), cuts), limit);
        expect(lines.map((line) => line.length)).toEqual(sizes.filter((size) => size <= limit));
        expect(oversize).toEqual(sizes.filter((size) => size > limit));
      }),
    );
  });

  it('keeps the ends of a line that it drops', () => {
    const limit = 3_000;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: limit + 1, max: 3 * limit }), { maxLength: 3 }),
        places,
        (sizes, cuts) => {
          const numbered = (size: number) => Array.from({ length: size }, (_, at) => at % 10).join('');
          const kept: string[] = [];
          const splitter = new LineSplitter(
            { onLine: () => {}, onOversize: (_bytes, edges) => kept.push(edges.toString()) },
            limit,
          );
          const whole = Buffer.from(sizes.map((size) => `${numbered(size)}\n`).join(''));
          for (const chunk of cut(whole, cuts)) splitter.push(chunk);
          expect(kept).toEqual(
            sizes.map((size) => numbered(size).slice(0, 512) + numbered(size).slice(-512)),
          );
        },
      ),
    );
  });

  it('reports an endless line that never ends with a newline once, at the end of the stream', () => {
    const { lines, oversize } = split([Buffer.alloc(15, 'x'), Buffer.alloc(15, 'x')], 20);
    expect({ lines, oversize }).toEqual({ lines: [], oversize: [30] });
  });
});
