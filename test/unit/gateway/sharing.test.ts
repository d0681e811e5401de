import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchAll, HttpSession, type OpenReply, posting } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import type { ScriptedChild } from '../../support/scripted-child.ts';
import { until } from '../../support/until.ts';

let gateway: OpenGateway;
let child: ScriptedChild;
beforeEach(async () => {
  gateway = await OpenGateway.start();
  // It answers calls when the test says so.
  child = gateway.serve({
    capabilities: { logging: {}, resources: { subscribe: true } },
    answers: {
      'tools/call': () => undefined,
      'logging/setLevel': () => ({}),
      'resources/subscribe': () => ({}),
      'resources/unsubscribe': () => ({}),
    },
  });
});
afterEach(() => gateway[Symbol.asyncDispose]());

const ASKS = { sampling: {}, elicitation: {}, roots: {} };

/** A client with a call in flight. */
async function busy(capabilities: Record<string, unknown> = ASKS) {
  const before = child.got('tools/call').length;
  const session = await HttpSession.begin(gateway, { capabilities });
  // It begins with the first thing that is said along with it.
  const reply = session.post({ id: 1, method: 'tools/call', params: { name: 'slow' } });
  const { id } = await child.request('tools/call', before);
  const finish = async () => {
    child.say({ id, result: {} });
    await (await reply).message('the answer', (message) => message.id === 1);
  };
  return { session, reply, finish };
}

describe('ids', () => {
  it('the same ids of 20 clients are apart, and every answer goes to who asked', async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => HttpSession.begin(gateway)));
    const ids = [0, 1, '1', 'a"b\\c\n', -1, 1.5];
    const calls = sessions.flatMap((session, client) =>
      ids.map(async (id, index) => {
        const nonce = `${client}/${index}`;
        expect(await session.call('t', { nonce }, id)).toEqual({ jsonrpc: '2.0', id, result: { nonce } });
      }),
    );
    await until('all have come', () => child.got('tools/call').length === calls.length);
    const seen = child.got('tools/call');
    expect(new Set(seen.map(({ id }) => id)).size).toBe(calls.length);
    for (const { id, params } of seen.toReversed()) {
      child.say({ id, result: (params as { arguments: object }).arguments });
    }
    await Promise.all(calls);
  });

  it('pitfall "duplicate in-flight id within a session": rejected, until the first is answered', async () => {
    const { session, finish } = await busy();
    const again = () => fetchAll(gateway.url, posting({ id: 1, method: 'tools/list' }, session.headers));
    const refused = await again();
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({ id: 1, error: { code: -32600, message: /in use/ } });
    const batch = [
      { id: 5, method: 'tools/call' },
      { id: 5, method: 'tools/call' },
    ];
    expect(await fetchAll(gateway.url, posting(batch, session.headers))).toMatchObject({ status: 400 });
    expect(child.got('tools/call')).toHaveLength(1);
    await finish();
    const call = session.call('again', {}, 1);
    child.say({ id: (await child.request('tools/call', 1)).id, result: { second: true } });
    expect(await call).toMatchObject({ id: 1, result: { second: true } });
  });

  it('an answer that nobody waits for reaches nobody', async () => {
    const { session, reply, finish } = await busy();
    const stream = await session.listen();
    for (const id of ['made-up', 7, 'made.%zz', `${session.id.slice(0, 10)}.99`])
      child.say({ id, result: {} });
    await finish();
    expect((await reply).messages.map(({ id }) => id)).toEqual([1]);
    expect(stream.messages).toEqual([]);
    stream.close();
  });
});

describe('what a child asks of a client', () => {
  it.each([
    ['sampling/createMessage', 'sampling'],
    ['elicitation/create', 'elicitation'],
    ['roots/list', 'roots'],
  ])('pitfall "a backend id of 0 broke all sampling and elicitation": %s', async (method, capability) => {
    const { session, reply, finish } = await busy({ [capability]: {} });
    const answer = child.ask(0, method, { of: 'the child' });
    const asked = await (await reply).message('the question', (message) => message.method === method);
    expect(asked.params).toEqual({ of: 'the child' });
    await session.answer(asked.id, { of: 'the client' });
    expect(await answer).toEqual({ jsonrpc: '2.0', id: 0, result: { of: 'the client' } });
    await finish();
  });

  it('pitfall "concurrent server→client requests": where several have calls in flight the child gets an error', async () => {
    const [one, two] = [await busy(), await busy()];
    const streams = [await one.session.listen(), await two.session.listen()];
    const answer = await child.ask(0, 'sampling/createMessage', {});
    expect(answer.error).toMatchObject({ code: -32603, message: /2 clients have requests in flight/ });
    await two.finish();
    // Now there is no doubt.
    const second = child.ask(1, 'elicitation/create', {});
    const asked = await (await one.reply).message(
      'the question',
      ({ method }) => method === 'elicitation/create',
    );
    // Another client cannot answer in its place.
    await two.session.answer(asked.id, { from: 'two' });
    await one.session.answer(asked.id, { from: 'one' });
    expect((await second).result).toEqual({ from: 'one' });
    await one.finish();
    const strange = [...(await two.reply).messages, ...streams.flatMap(({ messages }) => messages)].filter(
      (message) => 'method' in message,
    );
    expect(strange).toEqual([]);
    for (const stream of streams) stream.close();
  });

  it('without a call in flight it goes to the only client, on its stream; with two idle ones to neither', async () => {
    const session = await HttpSession.begin(gateway, { capabilities: ASKS });
    const stream = await session.listen();
    const first = child.ask('a', 'roots/list');
    const asked = await stream.message('the question', ({ method }) => method === 'roots/list');
    await session.answer(asked.id, { roots: [] });
    expect((await first).result).toEqual({ roots: [] });
    await HttpSession.begin(gateway, { capabilities: ASKS });
    expect((await child.ask('b', 'roots/list')).error).toMatchObject({ code: -32603, message: /no client/ });
    stream.close();
  });

  it('a client that cannot is not asked', async () => {
    const { finish } = await busy({ roots: {} });
    expect((await child.ask(0, 'sampling/createMessage')).error).toMatchObject({
      code: -32601,
      message: 'the client does not support sampling',
    });
    await finish();
  });

  it('a ping is answered on the spot, and roots/list with none where there is no client', async () => {
    expect((await child.ask(0, 'ping')).result).toEqual({});
    expect((await child.ask(1, 'roots/list')).result).toEqual({ roots: [] });
  });

  it('a question that the child takes back is taken back from the client, by the id that it knows', async () => {
    const { reply, finish } = await busy();
    child.say({ id: 0, method: 'elicitation/create', params: {} });
    const asked = await (await reply).message(
      'the question',
      ({ method }) => method === 'elicitation/create',
    );
    child.say({ method: 'notifications/cancelled', params: { requestId: 0, reason: 'never mind' } });
    const cancelled = await (await reply).message(
      'the end of it',
      ({ method }) => method === 'notifications/cancelled',
    );
    expect(cancelled.params).toEqual({ requestId: asked.id, reason: 'never mind' });
    await finish();
  });
});

describe('progress and cancellation', () => {
  it('progress tokens of two clients are apart, and each gets its own with its call', async () => {
    const tokens = [7, '7'];
    const sessions = await Promise.all(tokens.map(() => HttpSession.begin(gateway)));
    const posts = sessions.map((session, index) => {
      const params = { name: 't', _meta: { progressToken: tokens[index], other: true } };
      return session.post({ id: 1, method: 'tools/call', params });
    });
    await until('both have come', () => child.got('tools/call').length === 2);
    const seen = child.got('tools/call').map(({ id, params }) => {
      const { _meta } = params as { _meta: { progressToken: string; other: boolean } };
      expect(_meta.other).toBe(true);
      return { id, progressToken: _meta.progressToken };
    });
    expect(new Set(seen.map(({ progressToken }) => progressToken)).size).toBe(2);
    for (const { id, progressToken } of seen) {
      child.say({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
      child.say({ id, result: {} });
    }
    for (const [index, post] of posts.entries()) {
      const reply = await post;
      await reply.message('the answer', ({ id }) => id === 1);
      const own = { params: { progressToken: tokens[index] } };
      expect(reply.messages).toMatchObject([own, { id: 1 }]);
    }
  });

  it('a call that is taken back is taken back from the child by the id that it knows; its stream ends', async () => {
    const [one, two] = [await busy(), await busy()];
    await one.session.notify('notifications/cancelled', { requestId: 1, reason: 'changed my mind' });
    const told = await child.request('notifications/cancelled');
    const [first] = child.got('tools/call');
    expect(told.params).toEqual({ requestId: first?.id, reason: 'changed my mind' });
    const stream = await one.reply;
    await until('its stream ends', () => stream.ended);
    expect(stream.messages).toEqual([]);
    // What the child says all the same is nobody's.
    child.say({ id: first?.id as string, result: {} });
    await two.finish();
  });

  it('a call of another client cannot be taken back', async () => {
    const [one, two] = [await busy(), await busy()];
    await two.session.notify('notifications/cancelled', { requestId: 'other' });
    expect(child.got('notifications/cancelled')).toEqual([]);
    await Promise.all([one.finish(), two.finish()]);
  });

  it('a session that ends takes its calls back', async () => {
    const { session, reply } = await busy();
    await session.end();
    const told = await child.request('notifications/cancelled');
    expect(told.params).toMatchObject({ requestId: child.got('tools/call')[0]?.id });
    const stream = await reply;
    await until('its stream ends', () => stream.ended);
    expect(gateway.endpoint.callCount).toBe(0);
  });
});

describe('log levels', () => {
  it('the child is set to the most verbose that a client wants, and each gets what it asked for', async () => {
    const sessions = await Promise.all(Array.from({ length: 3 }, () => HttpSession.begin(gateway)));
    const streams = await Promise.all(sessions.map((session) => session.listen()));
    const [debug, error] = sessions;
    await error?.request('logging/setLevel', { level: 'error' });
    await debug?.request('logging/setLevel', { level: 'debug' });
    await error?.request('logging/setLevel', { level: 'critical' });
    const levels = child.got('logging/setLevel').map(({ params }) => (params as { level: string }).level);
    expect(levels).toEqual(['error', 'debug', 'debug']);
    for (const level of ['debug', 'error', 'critical', 'emergency']) {
      child.say({ method: 'notifications/message', params: { level, data: level } });
    }
    const got = async (stream: OpenReply | undefined) => {
      await stream?.message('the last', ({ params }) => params.data === 'emergency');
      return stream?.messages.map(({ params }) => params.data);
    };
    expect(await got(streams[0])).toEqual(['debug', 'error', 'critical', 'emergency']);
    expect(await got(streams[1])).toEqual(['critical', 'emergency']);
    // It has not asked for less.
    expect(await got(streams[2])).toEqual(['debug', 'error', 'critical', 'emergency']);
    for (const stream of streams) stream.close();
  });
});

describe('subscriptions', () => {
  it('an update goes to those who subscribed, and the child is unsubscribed after the last one', async () => {
    const sessions = await Promise.all(Array.from({ length: 3 }, () => HttpSession.begin(gateway)));
    const streams = await Promise.all(sessions.map((session) => session.listen()));
    const [one, two] = sessions;
    await one?.request('resources/subscribe', { uri: 'a' });
    await two?.request('resources/subscribe', { uri: 'a' });
    await two?.request('resources/subscribe', { uri: 'b' });
    const update = (uri: string) => child.say({ method: 'notifications/resources/updated', params: { uri } });
    update('a');
    update('b');
    child.say({ method: 'notifications/resources/list_changed' });
    const uris = async (stream: OpenReply | undefined) => {
      await stream?.message(
        'what all get',
        ({ method }) => method === 'notifications/resources/list_changed',
      );
      return stream?.messages.flatMap(({ params }) => (params === undefined ? [] : [params.uri]));
    };
    expect(await Promise.all(streams.map(uris))).toEqual([['a'], ['a', 'b'], []]);
    await one?.request('resources/unsubscribe', { uri: 'a' });
    expect(child.got('resources/unsubscribe')).toEqual([]);
    await two?.request('resources/unsubscribe', { uri: 'a' });
    expect(child.got('resources/unsubscribe')).toHaveLength(1);
    for (const stream of streams) stream.close();
  });
});
