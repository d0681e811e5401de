import { expect, it } from 'vitest';
import { Incarnation } from '../../../src/supervisor/incarnation.ts';

/** A runner that does or does not read what it is sent. */
function incarnationOf(reads: boolean): Incarnation {
  const child = { pid: 2, startedAt: 0 };
  const runner = {
    app: 'server@1',
    taken: 0,
    pid: 1,
    child,
    memo: null,
    send: () => reads,
    sendRpc: () => null,
  };
  const ignore = () => {};
  return new Incarnation('server', runner, {
    onAnswer: ignore,
    onMessage: ignore,
    onEnd: ignore,
    onReport: ignore,
  });
}

const LONG_MS = 60 * 60_000;

it('waits for a runner that was asked to stop until it says that it has', async () => {
  const incarnation = incarnationOf(true);
  let stopped = false;
  const stopping = incarnation.stop(LONG_MS).then(() => {
    stopped = true;
  });
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  incarnation.onReport({ kind: 'stopped' });
  await stopping;
});

it('does not wait for a runner that does not read, since its child does not: it will not hear of it', async () => {
  await incarnationOf(false).stop(LONG_MS);
});
