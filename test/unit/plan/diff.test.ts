import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServerName, Step } from '../../../src/model.ts';
import { diffPlan } from '../../../src/plan/diff.ts';
import type { Imprint } from '../../../src/plan/fingerprint.ts';

const of = (fingerprint: string, variables: Record<string, string> = {}): Imprint => ({
  fingerprint,
  variables,
});

describe('diffPlan', () => {
  it('stops first what is no longer wanted, then follows the config', () => {
    const running = new Map([
      ['gone', of('1')],
      ['same', of('1')],
      ['changed', of('1', { KEPT: 'k', EDITED: 'old', DROPPED: 'd' })],
      ['lacking', of('1')],
    ]);
    const wanted = new Map<ServerName, Imprint | 'blocked'>([
      ['new', of('1')],
      ['changed', of('2', { KEPT: 'k', EDITED: 'new', ADDED: 'a' })],
      ['lacking', 'blocked'],
      ['never', 'blocked'],
      ['same', of('1')],
    ]);
    expect(diffPlan(running, wanted)).toEqual([
      { kind: 'stop', name: 'gone', why: 'removed' },
      { kind: 'start', name: 'new' },
      { kind: 'replace', name: 'changed', changedKeys: ['ADDED', 'DROPPED', 'EDITED'] },
      { kind: 'stop', name: 'lacking', why: 'blocked' },
      { kind: 'keep', name: 'same' },
    ]);
  });

  it('names no key where the config itself has changed', () => {
    expect(diffPlan(new Map([['a', of('1', { X: 'x' })]]), new Map([['a', of('2', { X: 'x' })]]))).toEqual([
      { kind: 'replace', name: 'a', changedKeys: [] },
    ]);
  });
});

describe('for any state', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'constructor');
  const hashes = fc.dictionary(fc.constantFrom('X', 'Y', 'toString'), fc.constantFrom('1', '2'));
  const imprint = fc.record({ fingerprint: fc.constantFrom('1', '2', '3'), variables: hashes });
  const running = fc.array(fc.tuple(name, imprint)).map((rows) => new Map<ServerName, Imprint>(rows));
  const wanted = fc
    .array(fc.tuple(name, fc.oneof(imprint, fc.constant('blocked' as const))))
    .map((rows) => new Map<ServerName, Imprint | 'blocked'>(rows));

  it('an unchanged server is never touched', () => {
    fc.assert(
      fc.property(running, wanted, (now, want) => {
        for (const step of diffPlan(now, want)) {
          const next = want.get(step.name);
          const same =
            next !== undefined && next !== 'blocked' && now.get(step.name)?.fingerprint === next.fingerprint;
          expect(step.kind === 'keep').toBe(same);
        }
      }),
    );
  });

  it('there is at most one step per server, and after the steps nothing is left to do', () => {
    fc.assert(
      fc.property(running, wanted, (now, want) => {
        const steps = diffPlan(now, want);
        expect(new Set(steps.map((step) => step.name)).size).toBe(steps.length);
        const again = diffPlan(applied(now, want, steps), want);
        expect(again.every(({ kind }) => kind === 'keep')).toBe(true);
      }),
    );
  });
});

function applied(
  now: ReadonlyMap<ServerName, Imprint>,
  want: ReadonlyMap<ServerName, Imprint | 'blocked'>,
  steps: readonly Step[],
): Map<ServerName, Imprint> {
  const after = new Map(now);
  for (const step of steps) {
    const next = want.get(step.name);
    if (step.kind === 'stop') after.delete(step.name);
    else if (next !== undefined && next !== 'blocked') after.set(step.name, next);
  }
  return after;
}
