import { describe, expect, it } from 'vitest';
import { HttpSession, type OpenReply } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import type { ScriptedChild } from '../../support/scripted-child.ts';
import { until } from '../../support/until.ts';

const TOOLS = [
  { name: 'reads', annotations: { readOnlyHint: true } },
  { name: 'sets', annotations: { idempotentHint: true } },
  { name: 'adds', annotations: { readOnlyHint: false, idempotentHint: false } },
  { name: 'unknown' },
];
/** Leaves calls unanswered. */
const SILENT = { tools: TOOLS, answers: { 'tools/call': () => undefined, 'tools/list': () => undefined } };
const paramsOf = (child: ScriptedChild, method: string) => child.got(method).map(({ params }) => params);

describe('a replacement', () => {
  it('calls in flight finish on the old child, later ones go to the new one', async () => {
    await using gateway = await OpenGateway.start();
    const old = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway, { capabilities: { sampling: {} } });
    const first = session.call('adds', { n: 1 });
    const { id } = await old.request('tools/call');
    const drained = gateway.endpoint.shared.drained(old.incarnation, 60_000);
    const next = gateway.serve(SILENT);
    const second = session.call('adds', { n: 2 });
    next.say({ id: (await next.request('tools/call')).id, result: { from: 'next' } });
    expect(await second).toMatchObject({ result: { from: 'next' } });
    old.say({ id, result: { from: 'old' } });
    expect(await first).toMatchObject({ result: { from: 'old' } });
    await drained;
    expect(old.got('tools/call')).toHaveLength(1);
  });

  it('of a child that cannot run twice: calls wait, in their order, and are sent to the new one', async () => {
    await using gateway = await OpenGateway.start();
    const old = gateway.serve({ tools: TOOLS });
    const session = await HttpSession.begin(gateway);
    gateway.endpoint.shared.hold();
    await old.exit(0);
    const calls: Promise<unknown>[] = [];
    for (const n of [1, 2, 3]) {
      calls.push(session.call('adds', { n }));
      await until('it waits', () => gateway.endpoint.callCount === n);
    }
    const cancelled = session.post({ id: 'x', method: 'tools/call', params: { name: 'adds' } });
    await until('it waits', () => gateway.endpoint.callCount === 4);
    await session.notify('notifications/cancelled', { requestId: 'x' });
    const next = gateway.serve({ tools: TOOLS });
    expect(await Promise.all(calls)).toMatchObject([1, 2, 3].map((n) => ({ result: { echo: { n } } })));
    expect(paramsOf(next, 'tools/call')).toMatchObject([1, 2, 3].map((n) => ({ arguments: { n } })));
    expect((await cancelled).messages).toEqual([]);
  });

  it('calls that wait are bounded in number and in time, and then told why', async () => {
    await using gateway = await OpenGateway.start({ maxWaiting: 2, maxWaitMs: 300 });
    const old = gateway.serve({ tools: TOOLS });
    const session = await HttpSession.begin(gateway);
    await old.exit(1);
    const waiting = [session.call('adds'), session.call('adds')];
    await until('two wait', () => gateway.endpoint.callCount === 2);
    expect(await session.call('adds')).toMatchObject({
      error: { code: -32000, message: 'scripted is being restarted, and 2 calls wait for it already' },
    });
    const error = { code: -32000, message: 'scripted was not there within 0.3 s' };
    expect(await Promise.all(waiting)).toMatchObject([{ error }, { error }]);
    expect(gateway.endpoint.callCount).toBe(0);
  });

  it('pitfall "after a backend restart": what each session had set is set again, and lists are compared', async () => {
    await using gateway = await OpenGateway.start();
    const capabilities = {
      logging: {},
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
    };
    const answers = { 'logging/setLevel': () => ({}), 'resources/subscribe': () => ({}) };
    const script = { capabilities, tools: TOOLS, answers };
    gateway.serve(script);
    const sessions = await Promise.all(Array.from({ length: 3 }, () => HttpSession.begin(gateway)));
    const [one, two] = sessions;
    await one?.request('logging/setLevel', { level: 'warning' });
    await two?.request('logging/setLevel', { level: 'info' });
    await one?.request('resources/subscribe', { uri: 'a' });
    await two?.request('resources/subscribe', { uri: 'a' });
    await two?.request('resources/subscribe', { uri: 'b' });
    const streams = await Promise.all(sessions.map((session) => session.listen()));

    const same = gateway.serve(script);
    expect(paramsOf(same, 'logging/setLevel')).toEqual([{ level: 'info' }]);
    expect(paramsOf(same, 'resources/subscribe')).toEqual([{ uri: 'a' }, { uri: 'b' }]);
    const told = (stream: OpenReply) => stream.messages.map(({ method }) => method);
    gateway.serve({ ...script, tools: TOOLS.slice(1) });
    for (const stream of streams) {
      await until('it is told', () => told(stream).length > 0);
      expect(told(stream)).toEqual(['notifications/tools/list_changed']);
    }
    gateway.serve({ ...script, tools: TOOLS.slice(1), version: '2.0.0' });
    for (const stream of streams) {
      await until('it is told', () => told(stream).length > 2);
      expect(told(stream).slice(1)).toEqual([
        'notifications/prompts/list_changed',
        'notifications/resources/list_changed',
      ]);
      stream.close();
    }
  });

  it('a child that does not declare that lists change has none that do; nor is it asked what it cannot', async () => {
    await using gateway = await OpenGateway.start();
    const capabilities = { logging: {}, resources: { subscribe: true } };
    const answers = { 'logging/setLevel': () => ({}), 'resources/subscribe': () => ({}) };
    gateway.serve({ capabilities, tools: TOOLS, answers });
    const session = await HttpSession.begin(gateway);
    await session.request('logging/setLevel', { level: 'debug' });
    await session.request('resources/subscribe', { uri: 'a' });
    const child = gateway.serve({ tools: TOOLS.slice(1), version: '2.0.0' });
    const stream = await session.listen();
    child.say({ method: 'notifications/x' });
    await until('something comes', () => stream.messages.length > 0);
    expect(stream.messages.map(({ method }) => method)).toEqual(['notifications/x']);
    expect(child.lines).toEqual([]);
    stream.close();
  });
});

describe('a crash', () => {
  it('calls in flight fail at once, and name the server and its exit', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway);
    const calls = ['adds', 'unknown', 'not-listed'].map((name) => session.call(name));
    await child.request('tools/call', 2);
    await child.exit(null, 'SIGKILL');
    // No other child is there yet: nothing was waited for.
    for (const call of calls) {
      const { error } = await call;
      expect(error).toMatchObject({
        code: -32000,
        message: /^scripted was ended by SIGKILL during this call/,
      });
    }
    const next = gateway.serve({ tools: TOOLS });
    expect(next.got('tools/call')).toEqual([]);
    expect(await session.call('adds', { n: 1 })).toMatchObject({ result: { echo: { n: 1 } } });
  });

  it('those that change nothing, or nothing more the second time, are sent once more, and only once', async () => {
    await using gateway = await OpenGateway.start();
    const first = gateway.serve(SILENT);
    const session = await HttpSession.begin(gateway);
    const calls = ['reads', 'sets'].map((name) => session.call(name));
    const list = session.request('tools/list');
    await until('all have come', () => first.lines.length === 3);
    await first.exit(3);
    const second = gateway.serve(SILENT);
    await until('all have come again', () => second.lines.length === 3);
    expect(second.lines).toEqual(first.lines);
    const [reads, sets] = second.got('tools/call');
    second.say({ id: reads?.id as string, result: { second: true } });
    expect(await calls[0]).toMatchObject({ result: { second: true } });
    await second.exit(3);
    const third = gateway.serve(SILENT);
    expect(await calls[1]).toMatchObject({ error: { message: /scripted exited with code 3/ } });
    expect(await list).toMatchObject({ error: { message: /scripted exited with code 3/ } });
    expect(sets).toBeDefined();
    expect(third.lines).toEqual([]);
  });

  it('pitfall "a send into a full pipe never settles if the child dies": it is settled by the exit', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ ...SILENT, full: true });
    const session = await HttpSession.begin(gateway);
    const call = session.call('adds', { large: 'x'.repeat(1_000_000) });
    await child.request('tools/call');
    await child.exit(1);
    expect(await call).toMatchObject({ error: { message: /scripted exited with code 1/ } });
  });

  it('after a crash-loop calls that wait fail at once with the reason, and so do later ones', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ tools: TOOLS });
    const session = await HttpSession.begin(gateway);
    await child.exit(3);
    const waiting = session.call('adds');
    await until('it waits', () => gateway.endpoint.callCount === 1);
    const reason = 'scripted was given up: exited with code 3; its last words: cannot open the database';
    gateway.endpoint.shared.unavailable(reason);
    expect(await waiting).toMatchObject({ error: { code: -32000, message: reason } });
    expect(await session.call('reads')).toMatchObject({ error: { message: reason } });
    // Somebody has done something about it.
    gateway.endpoint.shared.expect();
    const again = session.call('adds', { n: 1 });
    await until('it waits', () => gateway.endpoint.callCount === 1);
    gateway.serve({ tools: TOOLS });
    expect(await again).toMatchObject({ result: { echo: { n: 1 } } });
  });
});
