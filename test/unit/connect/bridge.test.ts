import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SupervisorError } from '../../../src/errors.ts';
import { BridgeEnd, type EndOptions } from '../../support/bridge-end.ts';
import { OpenGateway, TOKEN } from '../../support/open-gateway.ts';
import type { ScriptedChild } from '../../support/scripted-child.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';

let gateway: OpenGateway;
let proxy: TcpProxy;
let child: ScriptedChild;
let ends: BridgeEnd[];
const SCRIPT = {
  capabilities: { tools: { listChanged: true }, logging: {}, resources: { subscribe: true } },
  answers: {
    'tools/call': () => undefined,
    'logging/setLevel': () => ({}),
    'resources/subscribe': () => ({}),
    'resources/unsubscribe': () => ({}),
  },
};
beforeEach(async () => {
  ends = [];
  gateway = await OpenGateway.start();
  proxy = await TcpProxy.to(gateway.port);
  child = gateway.serve(SCRIPT);
});
afterEach(async () => {
  for (const end of ends) await end[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const place = async () => ({ url: `http://127.0.0.1:${proxy.port}/scripted/mcp`, token: TOKEN });
function open(options: Partial<EndOptions> = {}): BridgeEnd {
  const end = new BridgeEnd({ locate: place, ...options });
  ends.push(end);
  return end;
}
/** Has the child answer its call number `index`. */
async function finish(index: number, result: object): Promise<void> {
  child.say({ id: (await child.request('tools/call', index)).id, result });
}
const notRunning = () =>
  new SupervisorError('supervisor.not-running', 'No supervisor', 'Start it with `up`.');

describe('a connection that breaks', () => {
  it('under calls: their answers come all the same, once, with what came before them', async () => {
    const end = open();
    await end.hello();
    end.call(1);
    end.call('ü', {}, { _meta: { progressToken: 'p' } });
    await child.request('tools/call', 1);
    const { params } = child.got('tools/call').find((call) => `${call.id}`.includes('%22')) ?? {};
    const { progressToken } = (params as { _meta: { progressToken: string } })._meta;
    const progress = (n: number) =>
      child.say({ method: 'notifications/progress', params: { progressToken, progress: n } });
    progress(1);
    await until('progress', () => end.messages.length === 2);
    // One has seen nothing of its answer yet, the other one something.
    proxy.cut();
    progress(2);
    await finish(0, { n: 0 });
    await finish(1, { n: 1 });
    await Promise.all([end.answer(1), end.answer('ü')]);
    const steps = () => end.messages.filter(({ method }) => method === 'notifications/progress');
    await until('all progress', () => steps().length === 2);
    expect(steps().map(({ params: { progress: n } }) => n)).toEqual([1, 2]);
    const answers = end.messages.filter(({ id }) => id !== undefined && id !== 'hello');
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 'ü']);
    expect(child.got('tools/call')).toHaveLength(2);
  });

  it('under a call that says how far it is: that goes on where it broke off', async () => {
    const end = open();
    await end.hello();
    end.call(1, {}, { _meta: { progressToken: 1 } });
    const { id, params } = await child.request('tools/call');
    const { progressToken } = (params as { _meta: { progressToken: string } })._meta;
    for (const progress of [1, 2, 3]) {
      child.say({ method: 'notifications/progress', params: { progressToken, progress } });
      await until('it is seen', () => end.messages.length === 1 + progress);
      proxy.cut();
    }
    child.say({ id, result: {} });
    await end.answer(1);
    expect(end.messages.slice(1).map((message) => message.params?.progress ?? message.id)).toEqual([
      1, 2, 3, 1,
    ]);
  });

  it('before the gateway has the call: the client is told that nobody knows, and to look before it repeats', async () => {
    const end = open();
    await end.hello();
    proxy.swallow(true);
    end.call(1);
    end.say({ method: 'notifications/cancelled', params: { requestId: 'none' } });
    await until('it is on its way', () => proxy.swallowed.includes('"tools/call"'));
    proxy.cut();
    proxy.swallow(false);
    const { error } = await end.answer(1);
    expect(error).toMatchObject({ code: -32000, message: /may or may not have been carried out/ });
    end.call(2);
    await finish(0, {});
    await end.answer(2);
  });

  it('under the stream of notifications: it is resumed where it broke', async () => {
    const end = open();
    await end.hello();
    const changed = (n: number) => child.say({ method: 'notifications/tools/list_changed', params: { n } });
    const seen = () => end.messages.slice(1).map(({ params }) => params.n);
    changed(1);
    await until('the first', () => seen().length === 1);
    proxy.cut();
    changed(2);
    changed(3);
    await until('the others', () => seen().length === 3);
    proxy.cut();
    changed(4);
    await until('the last', () => seen().length === 4);
    expect(seen()).toEqual([1, 2, 3, 4]);
  });

  it('under a large message: it is sent again, and carried out once', async () => {
    const end = open();
    await end.hello();
    proxy.stall(1_000_000);
    end.call(1, { value: 'x'.repeat(15_000_000) });
    await until('a part is on its way', () => proxy.stalled);
    proxy.cut();
    proxy.stall(null);
    await finish(0, { done: true });
    expect(await end.answer(1)).toMatchObject({ result: { done: true } });
    expect(child.got('tools/call')).toHaveLength(1);
  }, 120_000);
});

describe('a supervisor that is away', () => {
  it('messages wait for it, and are told why when that takes too long', async () => {
    let away = true;
    const locate = () => (away ? Promise.reject(notRunning()) : place());
    const end = open({ locate, patienceMs: 300 });
    end.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } });
    expect(await end.answer(0)).toEqual({
      jsonrpc: '2.0',
      id: 0,
      error: { code: -32000, message: 'No supervisor. Start it with `up`.' },
    });
    expect(end.notes).toEqual(['waiting for the supervisor: No supervisor']);
    away = false;
    await end.hello();
    expect(end.notes).toEqual(['waiting for the supervisor: No supervisor', 'the supervisor is back']);
  });

  it('a call that is taken back meanwhile is never made', async () => {
    let away = false;
    const end = open({ locate: () => (away ? Promise.reject(notRunning()) : place()) });
    await end.hello();
    away = true;
    const { port } = proxy;
    await proxy[Symbol.asyncDispose]();
    end.call(1);
    end.call(2);
    await until('they wait', () => end.notes.length > 0);
    end.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    proxy = await TcpProxy.to(gateway.port);
    expect(proxy.port).not.toBe(port);
    away = false;
    await finish(0, {});
    await end.answer(2);
    expect(child.got('tools/call')).toHaveLength(1);
    expect(child.got('notifications/cancelled')).toEqual([]);
    expect(end.messages.map(({ id }) => id)).toEqual(['hello', 2]);
  });

  it('one that asks for a message again gets it again', async () => {
    let refusals = 2;
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(307, { location: '?resend', connection: 'close' }).end();
      refusals -= 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const first = { url: `http://127.0.0.1:${port}/scripted/mcp`, token: TOKEN };
    const end = open({ locate: async () => (refusals > 0 ? first : place()) });
    expect((await end.hello()).result.serverInfo.name).toBe('scripted');
    await new Promise((resolve) => server.close(resolve));
  });

  it('another program at its address gets no word through to the client', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const end = open({ locate: async () => ({ url: `http://127.0.0.1:${port}/`, token: null }) });
    end.say({ id: 0, method: 'initialize', params: {} });
    expect((await end.answer(0)).error.message).toMatch(/no MCP server/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the token', () => {
  it('is read again where the gateway has another one by now', async () => {
    const tokens = ['old', TOKEN];
    const end = open({ locate: async () => ({ ...(await place()), token: tokens.shift() ?? TOKEN }) });
    expect((await end.hello()).result).toBeDefined();
  });

  it('that is wrong for good: the client is told where it stands, and not what it is', async () => {
    const end = open({ locate: async () => ({ ...(await place()), token: 'secret-but-wrong' }) });
    end.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } });
    const { error } = await end.answer(0);
    expect(error.message).toMatch(/\.mcp-supervisor\/token/);
    expect(JSON.stringify([end.messages, end.notes])).not.toContain('secret-but-wrong');
  });
});

describe('a session that the gateway has lost', () => {
  const lose = () => {
    for (const session of gateway.endpoint.sessions.all()) gateway.endpoint.end(session);
  };

  it('is begun again once, however many messages find out at once, and with all that was set', async () => {
    const end = open();
    await end.hello({ capabilities: { sampling: {} }, clientInfo: { name: 'me', version: '1' } });
    end.say({ id: 1, method: 'logging/setLevel', params: { level: 'error' } });
    end.say({ id: 2, method: 'resources/subscribe', params: { uri: 'a' } });
    await Promise.all([end.answer(1), end.answer(2)]);
    const before = gateway.endpoint.sessions.all()[0]?.id;
    lose();
    for (let id = 10; id < 30; id += 1) end.call(id, { id });
    await child.request('tools/call', 19);
    for (const { id, params } of child.got('tools/call')) {
      child.say({ id, result: (params as { arguments: object }).arguments });
    }
    for (let id = 10; id < 30; id += 1) expect((await end.answer(id)).result).toEqual({ id });
    const [session, ...others] = gateway.endpoint.sessions.all();
    expect(others).toEqual([]);
    expect(session?.id).not.toBe(before);
    expect(session).toMatchObject({ client: 'me 1', logLevel: 'error', capabilities: { sampling: {} } });
    expect([...(session?.subscriptions ?? [])]).toEqual(['a']);
    // It may have missed that; and what was said again on its behalf is not its business.
    await until('it is told', () => end.messages.some(({ method }) => method?.endsWith('list_changed')));
    const strange = end.messages.filter(({ id }) => `${id}`.startsWith('mcp-supervisor'));
    expect(strange).toEqual([]);
  });

  it('without a word of the client: it listens in a new one at once', async () => {
    const end = open();
    await end.hello();
    await until('it listens', () => gateway.endpoint.sessions.all()[0]?.active);
    lose();
    await until('there is a new one', () => gateway.endpoint.sessions.all()[0]?.active);
    child.say({ method: 'notifications/x' });
    await until('it hears', () => end.messages.some(({ method }) => method === 'notifications/x'));
  });

  it('with a call in flight: that one may have been carried out, and is not made again', async () => {
    const end = open();
    await end.hello();
    end.call(1);
    await child.request('tools/call');
    proxy.cut();
    lose();
    expect((await end.answer(1)).error.message).toMatch(/may or may not/);
    expect(child.got('tools/call')).toHaveLength(1);
  });

  it('while its server is out of reach: each message gets the reason, until one succeeds', async () => {
    const end = open();
    await end.hello();
    lose();
    gateway.endpoint.shared.unavailable('scripted is blocked: KEY is missing');
    end.call(1);
    expect((await end.answer(1)).error.message).toBe('scripted is blocked: KEY is missing');
    child = gateway.serve(SCRIPT);
    end.call(2);
    await finish(0, {});
    expect((await end.answer(2)).result).toEqual({});
  });
});

describe('the client', () => {
  it('what it says before hello is answered waits; what it says before hello is refused', async () => {
    const end = open();
    end.call('early');
    expect((await end.answer('early')).error.message).toMatch(/initialize/);
    end.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {} } });
    end.say({ method: 'notifications/initialized' });
    end.call(1);
    await finish(0, {});
    await end.answer(1);
    expect(end.messages.map(({ id }) => id)).toEqual(['early', 0, 1]);
  });

  it('says hello again: the session before is over', async () => {
    const end = open();
    await end.hello();
    const [first] = gateway.endpoint.sessions.all();
    const params = { protocolVersion: '2025-03-26', capabilities: {} };
    end.say({ id: 'again', method: 'initialize', params });
    expect((await end.answer('again')).result.protocolVersion).toBe('2025-03-26');
    await until('one session', () => gateway.endpoint.sessions.size === 1);
    expect(gateway.endpoint.sessions.all()[0]?.id).not.toBe(first?.id);
  });

  it('takes back a call that is under way: the child is told, and nothing more comes of it', async () => {
    const end = open();
    await end.hello();
    end.call(1);
    const { id } = await child.request('tools/call');
    end.say({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'bored' } });
    const told = await child.request('notifications/cancelled');
    expect(told.params).toEqual({ requestId: id, reason: 'bored' });
    await until('it is over', () => gateway.endpoint.callCount === 0);
    child.say({ id, result: {} });
    end.say({ id: 2, method: 'ping' });
    await end.answer(2);
    expect(end.messages.map((message) => message.id)).toEqual(['hello', 2]);
  });

  it('closes its end: what is nearly done is still answered, then the session is over', async () => {
    const end = open();
    await end.hello();
    end.call(1);
    const { id } = await child.request('tools/call');
    end.input.end();
    child.say({ id, result: { last: true } });
    await end.over;
    expect(await end.answer(1)).toMatchObject({ result: { last: true } });
    expect(gateway.endpoint.sessions.size).toBe(0);
  });

  it('closes its end, and nothing comes of its call: the session is over all the same, and the call', async () => {
    const end = open({ lastAnswersMs: 100 });
    await end.hello();
    end.call(1);
    await child.request('tools/call');
    end.input.end();
    await end.over;
    expect(gateway.endpoint.sessions.size).toBe(0);
    expect(gateway.endpoint.callCount).toBe(0);
  });

  it('reads no more: the session is over', async () => {
    const end = open();
    await end.hello();
    end.output.destroy();
    await end.over;
    expect(gateway.endpoint.sessions.size).toBe(0);
  });

  it('goes while there is no supervisor: the bridge does not wait for one', async () => {
    const end = open({ locate: () => Promise.reject(notRunning()) });
    end.say({ id: 0, method: 'initialize', params: {} });
    await until('it waits', () => end.notes.length > 0);
    end.input.end();
    await end.over;
  });

  it('sends more than the gateway takes: it is not read for so long', async () => {
    const end = open();
    await end.hello();
    proxy.stall(0);
    const large = { value: 'x'.repeat(10_000_000) };
    for (let id = 1; id <= 4; id += 1) end.call(id, large);
    await until('the bridge reads no more', () => end.input.isPaused());
    proxy.stall(null);
    proxy.cut();
    for (let index = 0; index < 4; index += 1) await finish(index, {});
    for (let id = 1; id <= 4; id += 1) expect((await end.answer(id)).result).toEqual({});
    expect(end.input.isPaused()).toBe(false);
  }, 120_000);
});
