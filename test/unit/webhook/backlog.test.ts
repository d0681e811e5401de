import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Backlog } from '../../../src/webhook/backlog.ts';
import type { Change } from '../../../src/webhook/payload.ts';
import { row } from './rows.ts';

const change = (name: string, kind: Change['kind'] = 'raised'): Change => ({ kind, row: row(name) });

/** Takes all out, as `raised a`. */
function emptied(backlog: Backlog): string[] {
  const found: string[] = [];
  for (let first = backlog.first(); first !== undefined; first = backlog.first()) {
    found.push(`${first.kind} ${first.row.id}`);
    backlog.remove(first);
  }
  return found;
}

it('keeps the order in which changes came', () => {
  const backlog = new Backlog(10);
  for (const one of [change('a'), change('b'), change('a', 'resolved')]) backlog.add(one);
  expect([backlog.lastOf('a'), backlog.lastOf('b'), backlog.lastOf('c')]).toEqual([
    'resolved',
    'raised',
    undefined,
  ]);
  expect(emptied(backlog)).toEqual(['raised a', 'raised b', 'resolved a']);
});

it('drops what is oldest, with all that waits of the same row', () => {
  const backlog = new Backlog(3);
  const dropped = [change('a'), change('b'), change('a', 'resolved'), change('c')].map((one) =>
    backlog.add(one),
  );
  expect(dropped).toEqual([0, 0, 0, 2]);
  expect(emptied(backlog)).toEqual(['raised b', 'raised c']);
});

it('lets other rows go first, and keeps the order within the row', () => {
  const backlog = new Backlog(10);
  for (const one of [change('a'), change('b'), change('a', 'resolved'), change('c')]) backlog.add(one);
  backlog.postpone('a');
  expect(emptied(backlog)).toEqual(['raised b', 'raised c', 'raised a', 'resolved a']);
});

it('never holds more than it may, nor a change of a row without those before it', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), names, (max, changes) => {
      const backlog = new Backlog(max);
      const counts = new Map<string, number>();
      let dropped = 0;
      for (const name of changes) {
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        dropped += backlog.add({ kind: 'raised', row: row(name, { count }) });
        expect(backlog.size).toBeLessThanOrEqual(max);
      }
      const left = new Map<string, number[]>();
      for (let first = backlog.first(); first !== undefined; first = backlog.first()) {
        left.set(first.row.id, [...(left.get(first.row.id) ?? []), first.row.count]);
        backlog.remove(first);
      }
      // Of each row the last ones without a gap, or none at all.
      for (const [name, kept] of left) {
        const last = counts.get(name) ?? 0;
        expect(kept).toEqual(kept.map((_, at) => last - kept.length + 1 + at));
      }
      expect(dropped + [...left.values()].flat().length).toBe(changes.length);
    }),
  );
});
