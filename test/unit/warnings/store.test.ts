import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WarningDraft } from '../../../src/model.ts';
import { WarningStore } from '../../../src/warnings/store.ts';

const draft = (given: Partial<WarningDraft> = {}): WarningDraft => ({
  code: 'a.code',
  severity: 'warning',
  subject: 'x',
  message: 'message',
  hint: 'hint',
  ...given,
});

/** A store whose clock moves on by a second with every look at it. */
function newStore(maxRows?: number) {
  let seconds = 0;
  return new WarningStore([], () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++)), maxRows);
}

describe('raise', () => {
  it('makes one row per server, code and subject', () => {
    const store = newStore();
    store.raise('a', 1, draft());
    store.raise('b', 1, draft());
    store.raise(null, null, draft());
    store.raise('a', 1, draft({ code: 'b.code' }));
    store.raise('a', 1, draft({ subject: 'y' }));
    store.raise('a', 2, draft({ message: 'other words' }));
    expect(store.all()).toHaveLength(5);
    expect(new Set(store.all().map(({ id }) => id)).size).toBe(5);
  });

  it('counts and refreshes what it knows', () => {
    const store = newStore();
    const first = store.raise('a', 1, draft());
    const again = store.raise('a', 2, draft({ message: 'grown', severity: 'error' }));
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.warning).toEqual({
      ...first.warning,
      message: 'grown',
      severity: 'error',
      generation: 2,
      count: 2,
      lastSeen: '2026-01-01T00:00:01.000Z',
    });
  });

  it('makes a resolved one active again, which is news', () => {
    const store = newStore();
    store.raise('a', 1, draft());
    store.resolve(() => true);
    expect(store.raise('a', 2, draft())).toMatchObject({
      isNew: true,
      warning: { state: 'active', count: 2 },
    });
  });

  it('gives the same id in every run', () => {
    expect(newStore().raise('a', 1, draft()).warning.id).toMatch(/^[0-9a-f]{12}$/);
    expect(newStore().raise('a', 7, draft()).warning.id).toBe(newStore().raise('a', 1, draft()).warning.id);
  });
});

describe('resolve', () => {
  it('touches the active rows that are meant, and says which', () => {
    const store = newStore();
    store.raise('a', 1, draft());
    store.raise('a', 2, draft({ subject: 'y' }));
    store.raise('b', 1, draft());
    store.raise('a', null, draft({ subject: 'z' }));
    expect(store.resolveOlder('a', 2).map(({ subject, state }) => [subject, state])).toEqual([
      ['x', 'resolved'],
    ]);
    expect(store.resolveOlder('a', 2)).toEqual([]);
    expect(store.forServer('a').map(({ subject }) => subject)).toEqual(['y', 'z']);
    expect(store.forServer('b')).toHaveLength(1);
  });

  it('leaves what a generation shows that runs beside the newer one', () => {
    const store = newStore();
    for (const generation of [1, 2, 3]) store.raise('a', generation, draft({ subject: `${generation}` }));
    const resolved = store.resolveOlder('a', 4, new Set([2]));
    expect(resolved.map(({ subject }) => subject)).toEqual(['1', '3']);
    expect(store.forServer('a').map(({ subject }) => subject)).toEqual(['2']);
  });

  it('finds by code, and by subject if one is given', () => {
    const store = newStore();
    for (const subject of ['x', 'y', 'z']) store.raise(null, null, draft({ subject }));
    expect(store.resolveCode(null, 'a.code', 'x')).toHaveLength(1);
    expect(store.resolveCode(null, 'other')).toHaveLength(0);
    expect(store.resolveCode('a', 'a.code')).toHaveLength(0);
    expect(store.resolveCode(null, 'a.code')).toHaveLength(2);
    expect(store.active()).toEqual([]);
  });
});

describe('room', () => {
  it('is made by the oldest resolved rows', () => {
    const store = newStore(3);
    for (const subject of ['1', '2', '3']) store.raise('a', 1, draft({ subject }));
    store.resolve(({ subject }) => subject !== '1');
    store.raise('a', 1, draft({ subject: '4' }));
    expect(store.all().map(({ subject }) => subject)).toEqual(['1', '3', '4']);
  });

  it('never grows beyond its limit, and keeps the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.boolean())), (steps) => {
        const store = newStore(5);
        for (const [subject, resolve] of steps) {
          const { warning } = store.raise('a', 1, draft({ subject: String(subject) }));
          expect(store.active()).toContainEqual(warning);
          expect(store.all().length).toBeLessThanOrEqual(5);
          if (resolve) store.resolve(({ id }) => id === warning.id);
        }
      }),
    );
  });
});

it('goes on from what was kept', () => {
  const store = newStore();
  store.raise('a', 1, draft());
  const later = new WarningStore(store.all(), () => new Date('2026-02-02T00:00:00Z'));
  expect(later.raise('a', 1, draft())).toMatchObject({
    isNew: false,
    warning: { count: 2, firstSeen: '2026-01-01T00:00:00.000Z', lastSeen: '2026-02-02T00:00:00.000Z' },
  });
});
