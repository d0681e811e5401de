import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Valve } from '../../../src/runner/valve.ts';

interface Reason {
  readonly promise: Promise<void>;
  readonly gone: () => void;
}

function reason(): Reason {
  let gone = () => {};
  const promise = new Promise<void>((resolve) => {
    gone = resolve;
  });
  return { promise, gone };
}

describe('Valve', () => {
  it('flows exactly while no reason is left to hold, in whatever order reasons come and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant('hold' as const), fc.nat()), { maxLength: 30 }),
        async (steps) => {
          const stream = new PassThrough().on('data', () => {});
          const valve = new Valve(stream);
          const reasons: Reason[] = [];
          for (const step of steps) {
            if (step === 'hold') {
              const next = reason();
              reasons.push(next);
              valve.holdUntil(next.promise);
            } else {
              const [over] = reasons.splice(step % Math.max(reasons.length, 1), 1);
              over?.gone();
              await over?.promise;
            }
            await Promise.resolve();
            expect(stream.isPaused()).toBe(reasons.length > 0);
          }
        },
      ),
    );
  });

  it('loses nothing of what is written while it is closed', async () => {
    const stream = new PassThrough();
    const valve = new Valve(stream);
    const hold = reason();
    let seen = '';
    stream.on('data', (chunk) => {
      seen += chunk;
    });
    valve.holdUntil(hold.promise);
    stream.write('one ');
    stream.end('two');
    expect(seen).toBe('');
    hold.gone();
    await new Promise((resolve) => stream.once('end', resolve));
    expect(seen).toBe('one two');
  });
});
