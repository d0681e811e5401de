import { describe, expect, it } from 'vitest';
import { HttpSession, type OpenReply } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import { until } from '../../support/until.ts';

const changed = (n: number) => ({ method: 'notifications/tools/list_changed', params: { n } });
const numbers = (reply: OpenReply) => reply.messages.map(({ params }) => params?.n);
const SILENT = { answers: { 'tools/call': () => undefined } };
const CALL = { id: 1, method: 'tools/call', params: { name: 't' } };

describe('pitfall "notification with no GET stream and no event store"', () => {
  it('what comes before the first stream is kept for it', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    child.say(changed(1));
    child.say(changed(2));
    const stream = await session.listen();
    child.say(changed(3));
    await until('all three', () => numbers(stream).length === 3);
    expect(numbers(stream)).toEqual([1, 2, 3]);
    stream.close();
  });

  it('what comes between two streams is delivered after Last-Event-ID, once and in order', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    const first = await session.listen();
    child.say(changed(1));
    child.say(changed(2));
    await until('two', () => numbers(first).length === 2);
    const [, last] = first.events;
    gateway.cut();
    await gateway.closed();
    child.say(changed(3));
    child.say(changed(4));
    const second = await session.listen(last?.id);
    child.say(changed(5));
    await until('three', () => numbers(second).length === 3);
    expect(numbers(second)).toEqual([3, 4, 5]);
    // From an earlier place on it is said again.
    const third = await session.listen(first.events[0]?.id);
    await until('all after the first', () => numbers(third).length === 4);
    expect(numbers(third)).toEqual([2, 3, 4, 5]);
    third.close();
  });

  it('the newest are kept, and no more memory than that is used', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    for (let n = 1; n <= 2_000; n++) child.say(changed(n));
    const stream = await session.listen();
    await until('the newest', () => numbers(stream).includes(2_000));
    expect(numbers(stream)).toEqual(Array.from({ length: 512 }, (_, index) => 1_489 + index));
    stream.close();
    // Ten of a MiB: four fit.
    const other = await HttpSession.begin(gateway);
    const padding = 'x'.repeat(1024 * 1024);
    for (let n = 1; n <= 10; n++) child.say({ ...changed(n), params: { n, padding } });
    const large = await other.listen();
    await until('the newest', () => numbers(large).includes(10));
    expect(numbers(large)).toEqual([8, 9, 10]);
    large.close();
  });

  it('a second stream takes the place of the first: nothing is said twice', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    const first = await session.listen();
    const second = await session.listen();
    await until('the first has ended', () => first.ended);
    child.say(changed(1));
    await until('it has come', () => numbers(second).length === 1);
    expect(numbers(first)).toEqual([]);
    second.close();
  });

  it('a Last-Event-ID that is none of ours begins at what is kept', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    child.say(changed(1));
    for (const id of ['made-up', '', 'get_', '_7']) {
      const stream = await session.listen(id);
      await until('it has come', () => numbers(stream).length === 1);
      stream.close();
    }
    expect((await session.listen('99_7')).status).toBe(400);
  });
});

describe('pitfall "HTTP client disconnects mid-call"', () => {
  it('the call goes on, and its answer is there for who comes back with Last-Event-ID', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway);
    const reply = await session.post({ ...CALL, params: { name: 't', _meta: { progressToken: 1 } } });
    const { id, params } = await child.request('tools/call');
    const { progressToken } = (params as { _meta: { progressToken: string } })._meta;
    const progress = (n: number) =>
      child.say({ method: 'notifications/progress', params: { progressToken, progress: n } });
    progress(1);
    await reply.message('progress', ({ method }) => method === 'notifications/progress');
    const last = reply.events.at(-1);
    gateway.cut();
    await gateway.closed();
    progress(2);
    const back = await session.listen(last?.id);
    progress(3);
    child.say({ id, result: { late: true } });
    await until('it ends by itself', () => back.ended);
    expect(back.messages).toMatchObject([
      { params: { progressToken: 1, progress: 2 } },
      { params: { progressToken: 1, progress: 3 } },
      { id: 1, result: { late: true } },
    ]);
    expect(child.got('notifications/cancelled')).toEqual([]);
  });

  it('also when the answer came while nobody was there, and also to who had seen nothing of it', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway);
    const begun = await session.post(CALL);
    const [primed] = begun.events;
    const unseen = session.post({ ...CALL, id: 'two' });
    // Nobody will say whether the second one had an answer.
    unseen.catch(() => {});
    await child.request('tools/call', 1);
    gateway.cut();
    await gateway.closed();
    for (const { id } of child.got('tools/call')) child.say({ id, result: { late: true } });
    await until('both are answered', () => gateway.endpoint.callCount === 0);
    const back = await session.listen(primed?.id);
    await until('it ends', () => back.ended);
    expect(back.messages).toMatchObject([{ id: 1, result: { late: true } }]);
    const other = await session.listen('%22two%22_0');
    await until('it ends', () => other.ended);
    expect(other.messages).toMatchObject([{ id: 'two', result: { late: true } }]);
  });
});

describe('the answer to one POST', () => {
  it('is a plain body where it is all there is, and a stream where more is said along with it', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway);
    const plain = session.post(CALL);
    child.say({ id: (await child.request('tools/call')).id, result: {} });
    expect((await plain).response.headers['content-type']).toBe('application/json');
    const streamed = session.post({ ...CALL, id: 2 });
    const { id } = await child.request('tools/call', 1);
    child.say({ method: 'notifications/message', params: { level: 'info', data: 'a' } });
    child.say({ id, result: {} });
    const reply = await streamed;
    await until('it ends', () => reply.ended);
    expect(reply.response.headers['content-type']).toBe('text/event-stream');
    expect(reply.messages).toMatchObject([{ method: 'notifications/message' }, { id: 2, result: {} }]);
  });

  it('to a batch is one answer for each request, in the order in which they come', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway, { version: '2025-03-26' });
    const reply = await session.post([
      CALL,
      { method: 'notifications/x' },
      { ...CALL, id: 2 },
      { id: 3, method: 'ping' },
    ]);
    await child.request('tools/call', 1);
    expect(child.got('notifications/x')).toHaveLength(1);
    for (const { id } of child.got('tools/call').toReversed()) child.say({ id, result: {} });
    await until('it ends', () => reply.ended);
    expect(reply.messages.map(({ id }) => id)).toEqual([3, 2, 1]);
  });
});
