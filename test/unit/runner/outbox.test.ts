import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/runner/outbox.ts';

const isSettled = async (promise: Promise<void>) => {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
};

describe('Outbox', () => {
  it('keeps every line, in order, until so many are confirmed, whatever comes when', () => {
    const step = fc.oneof(fc.nat(5), fc.string());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const outbox = new Outbox<never>(20);
        const kept: string[] = [];
        for (const each of steps) {
          if (typeof each === 'string') {
            kept.push(each);
            outbox.add(Buffer.from(each));
          } else {
            kept.splice(0, each);
            outbox.confirm(each);
          }
          expect(outbox.items.map(String)).toEqual(kept);
        }
      }),
    );
  });

  it('asks for a pause exactly while it holds as much as it may', () => {
    const step = fc.oneof(fc.constant('confirm' as const), fc.nat(12));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const outbox = new Outbox<never>(30);
        const held: number[] = [];
        for (const size of steps) {
          if (size === 'confirm') {
            held.shift();
            outbox.confirm(1);
          } else {
            held.push(size);
            const bytes = held.reduce((sum, each) => sum + each, 0);
            expect(outbox.add(Buffer.alloc(size)) === null).toBe(bytes < 30);
          }
        }
      }),
    );
  });

  it('lets everybody go on who waits, once there is room again, and not before', async () => {
    const outbox = new Outbox<never>(4);
    expect(outbox.add(Buffer.from('abc'))).toBeNull();
    const waits = [outbox.add(Buffer.from('d')), outbox.add(Buffer.from('efgh'))] as Promise<void>[];
    outbox.confirm(1);
    expect(await Promise.all(waits.map(isSettled))).toEqual([false, false]);
    outbox.confirm(2);
    expect(await Promise.all(waits.map(isSettled))).toEqual([true, true]);
    const again = outbox.add(Buffer.from('full again')) as Promise<void>;
    expect(await isSettled(again)).toBe(false);
  });
});
