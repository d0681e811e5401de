import { stripVTControlCharacters, styleText } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { table } from '../../../../src/cli/render/table.ts';

it('lines columns up, two spaces apart, with nothing at the end of a line', () => {
  expect(table([['a', 'bb', 'c'], ['aaa', 'b', ''], ['aa']])).toBe('a    bb  c\naaa  b\naa\n');
});

it('is nothing where there is nothing', () => {
  expect(table([])).toBe('');
  expect(table([[]])).toBe('\n');
});

it('does not count colours', () => {
  const red = styleText('red', 'x', { validateStream: false });
  expect(red).not.toBe('x');
  expect(
    stripVTControlCharacters(
      table([
        [red, '1'],
        ['yyy', '2'],
      ]),
    ),
  ).toBe('x    1\nyyy  2\n');
});

it('begins every column at the same place in each line', () => {
  const cell = fc
    .string({ unit: 'grapheme-ascii', maxLength: 6 })
    .filter((text) => !text.includes(' ') && text !== '');
  const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, (cells) => {
      const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
      for (const [at, line] of table(cells).trimEnd().split('\n').entries()) {
        const starts = [0, (widths[0] ?? 0) + 2, (widths[0] ?? 0) + (widths[1] ?? 0) + 4];
        for (const [column, start] of starts.entries()) {
          expect(line.startsWith(cells[at]?.[column] ?? '', start)).toBe(true);
        }
      }
    }),
  );
});
