import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/init/unified-diff.ts';

/** Applies a diff strictly: every context and removed line must be there, at the line that the hunk names. */
function applied(before: string | null, diff: string): string {
  const source = (before ?? '').split(/(?<=\n)/);
  const result: string[] = [];
  let at = 0;
  let sign = '';
  for (const line of diff.split('\n').slice(2, -1)) {
    const header = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (header !== null) {
      const [, start = '0', length] = header;
      const first = Number(start) - (length === '0' ? 0 : 1);
      result.push(...source.slice(at, first));
      at = first;
    } else if (line.startsWith('\\')) {
      if (sign === '+') result.push((result.pop() ?? '').replace(/\n$/, ''));
    } else {
      sign = line[0] ?? '';
      if (line[0] !== '+') expect(source[at]?.replace(/\n$/, '')).toBe(line.slice(1));
      if (line[0] === '-') at++;
      else {
        result.push(line[0] === ' ' ? (source[at] ?? '') : `${line.slice(1)}\n`);
        if (line[0] === ' ') at++;
      }
    }
  }
  return [...result, ...source.slice(at)].join('');
}

test('it looks as git writes it', () => {
  const before = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('');
  expect(unifiedDiff('x', before, before.replace('9\n', 'nine\n'))).toBe(
    '--- a/x\n+++ b/x\n@@ -7,7 +7,7 @@\n 6\n 7\n 8\n-9\n+nine\n 10\n 11\n 12\n',
  );
  expect(unifiedDiff('x', null, 'a\n')).toBe('--- /dev/null\n+++ b/x\n@@ -0,0 +1,1 @@\n+a\n');
  expect(unifiedDiff('x', 'a\n', 'a\n')).toBe('');
});

test('whatever changes, the diff makes the one out of the other', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y', ' z'), { maxLength: 30 });
  const text = fc
    .tuple(lines, fc.boolean())
    .map(([all, ended]) => `${all.join('\n')}${ended && all.length > 0 ? '\n' : ''}`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, unifiedDiff('x', before, after))).toBe(after);
    }),
    { numRuns: 1000 },
  );
});
