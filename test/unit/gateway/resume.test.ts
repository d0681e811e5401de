import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventId } from '../../../src/gateway/event-store.ts';
import type { RecordedEvent, RecordedResponse } from './recorded-response.ts';
import { Stage, type StagedChild } from './stage.ts';

const few = fc.nat(5);
const written = () => new Promise((resolve) => setImmediate(resolve));
const call =
  '{"jsonrpc":"2.0","id":"a_1","method":"tools/call","params":{"name":"look","_meta":{"progressToken":1}}}';

/** Something on the way to the answer, numbered. */
function progress(child: StagedChild, token: string, count: number, first: number): void {
  for (let at = first; at < first + count; at++) {
    child.say(
      `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${at}}}`,
    );
  }
}

/** Comes back after the event that was read last. */
function comeBack(
  stage: Stage,
  session: ReturnType<Stage['greet']>['session'],
  last: RecordedEvent,
): RecordedResponse {
  const from = parseEventId(last.id);
  const again = stage.response();
  expect(session.resume(again.response, from?.stream ?? '', from?.sequence ?? 0)).toBe(true);
  return again;
}

const numbers = (events: readonly RecordedEvent[]) =>
  events.flatMap(({ message }) => (message === '' ? [] : [JSON.parse(message).params?.progress ?? 'answer']));

describe('a client that has lost its connection', () => {
  it('gets what it has not read of an answer, once and in order, wherever it was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(few, few, few, few, async (before, meanwhile, after, pick) => {
        const stage = new Stage();
        const child = stage.serve();
        const { session } = stage.greet();
        const posted = stage.post(session, call);
        const { id, params } = JSON.parse(child.lines[0] ?? '');
        const token = JSON.stringify(params._meta.progressToken);
        progress(child, token, before + 1, 0);
        await written();
        posted.close();
        await written();
        const read = posted.events.slice(0, 1 + (pick % posted.events.length));
        progress(child, token, meanwhile, before + 1);
        const again = comeBack(stage, session, read.at(-1) as RecordedEvent);
        progress(child, token, after, before + 1 + meanwhile);
        child.say(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{}}`);
        await written();
        const all = Array.from({ length: before + 1 + meanwhile + after }, (_, at) => at);
        expect([...numbers(read), ...numbers(again.events)]).toEqual([...all, 'answer']);
        expect(again.ended).toBe(true);
        stage.close();
      }),
    );
  });

  it('gets the answer also when it comes back after it', async () => {
    const stage = new Stage();
    const child = stage.serve();
    const { session } = stage.greet();
    const posted = stage.post(session, call);
    const { id, params } = JSON.parse(child.lines[0] ?? '');
    progress(child, JSON.stringify(params._meta.progressToken), 1, 0);
    await written();
    posted.close();
    await written();
    child.say(`{"result":{},"jsonrpc":"2.0","id":${JSON.stringify(id)}}`);
    const again = comeBack(stage, session, posted.events.at(-1) as RecordedEvent);
    await written();
    expect(numbers(again.events)).toEqual(['answer']);
    expect(again.ended).toBe(true);
    stage.close();
  });

  it('gets what belongs to no request, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(few, few, few, few, async (before, meanwhile, after, pick) => {
        const stage = new Stage();
        const child = stage.serve();
        const { session, standalone } = stage.greet();
        const tell = (at: number) => child.say(`{"jsonrpc":"2.0","method":"x","params":{"progress":${at}}}`);
        const total = before + 1 + meanwhile + after;
        for (let at = 0; at <= before; at++) tell(at);
        await written();
        standalone.close();
        await written();
        for (let at = before + 1; at < before + 1 + meanwhile; at++) tell(at);
        const read = standalone.events.slice(0, 1 + (pick % standalone.events.length));
        const again = comeBack(stage, session, read.at(-1) as RecordedEvent);
        for (let at = before + 1 + meanwhile; at < total; at++) tell(at);
        await written();
        expect([...numbers(read), ...numbers(again.events)]).toEqual(
          Array.from({ length: total }, (_, at) => at),
        );
        stage.close();
      }),
    );
  });
});
