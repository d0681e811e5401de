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
  it('gives back every line once, in order, whatever is taken when', () => {
    const step = fc.oneof(fc.constant('take' as const), fc.string());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const outbox = new Outbox(20);
        const taken: string[] = [];
        const take = () => taken.push(...outbox.take().map(String));
        for (const each of steps) {
          if (each === 'take') take();
          else outbox.add(Buffer.from(each));
        }
        take();
        expect(taken).toEqual(steps.filter((each) => each !== 'take'));
      }),
    );
  });

  it('asks for a pause exactly while it holds as much as it may', () => {
    const step = fc.oneof(fc.constant('take' as const), fc.nat(12));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const outbox = new Outbox(30);
        let bytes = 0;
        for (const size of steps) {
          bytes = size === 'take' ? 0 : bytes + size;
          if (size === 'take') outbox.take();
          else expect(outbox.add(Buffer.alloc(size)) === null).toBe(bytes < 30);
        }
      }),
    );
  });

  it('lets everybody go on who waits, once the lines have been taken, and not before', async () => {
    const outbox = new Outbox(4);
    expect(outbox.add(Buffer.from('abc'))).toBeNull();
    const waits = [outbox.add(Buffer.from('d')), outbox.add(Buffer.from('e'))] as Promise<void>[];
    expect(await Promise.all(waits.map(isSettled))).toEqual([false, false]);
    outbox.take();
    expect(await Promise.all(waits.map(isSettled))).toEqual([true, true]);
    const again = outbox.add(Buffer.from('full again')) as Promise<void>;
    expect(await isSettled(again)).toBe(false);
  });
});
