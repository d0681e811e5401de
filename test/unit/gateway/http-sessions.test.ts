import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../../src/gateway/session.ts';
import { AUTHORIZATION, fetchAll, HttpSession, posting } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import { until } from '../../support/until.ts';

const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
/** Times are kept in whole milliseconds. */
const nextTick = () => {
  const now = Date.now();
  return until('the clock goes on', () => Date.now() > now);
};
const PING = { id: 1, method: 'ping' };

describe('pitfall "replaying the first client\'s InitializeResult to another"', () => {
  it('each client gets the revision that it asks for, whoever came first, and else what the child said', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve({ capabilities: { logging: {} } });
    for (const version of [...VERSIONS, ...VERSIONS.toReversed()]) {
      const { result } = await HttpSession.begin(gateway, { version });
      expect(result).toEqual({
        protocolVersion: version,
        capabilities: { tools: {}, logging: {} },
        serverInfo: { name: 'scripted', version: '1.0.0' },
      });
    }
  });

  it.each(['2026-07-28', '2024-10-07', 'next'])(
    'to %s the newest with sessions is offered',
    async (version) => {
      await using gateway = await OpenGateway.start();
      gateway.serve();
      const { result } = await HttpSession.begin(gateway, { version });
      expect(result.protocolVersion).toBe('2025-11-25');
    },
  );

  it('the header may name any of them or be missing, as in 2024-11-05; one that is unknown gets 400', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const { id } = await HttpSession.begin(gateway);
    for (const version of VERSIONS) {
      const headers = { 'mcp-session-id': id, 'mcp-protocol-version': version };
      expect(await fetchAll(gateway.url, posting(PING, headers))).toMatchObject({ status: 200 });
    }
    const session = { 'mcp-session-id': id };
    expect(await fetchAll(gateway.url, posting(PING, session))).toMatchObject({ status: 200 });
    const unknown = await fetchAll(
      gateway.url,
      posting(PING, { ...session, 'mcp-protocol-version': '2026-07-28' }),
    );
    expect(unknown.status).toBe(400);
    expect(unknown.text).toContain('2026-07-28');
  });

  it('an event that only tells where to resume is sent to clients of 2025-11-25 and no others', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    for (const [index, version] of VERSIONS.entries()) {
      const session = await HttpSession.begin(gateway, { version });
      const params = { name: 'slow', _meta: { progressToken: 1 } };
      const posted = session.post({ id: 1, method: 'tools/call', params });
      const { id, params: seen } = await child.request('tools/call', index);
      const { progressToken } = (seen as { _meta: { progressToken: string } })._meta;
      child.say({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
      const reply = await posted;
      expect(reply.response.headers['content-type']).toBe('text/event-stream');
      child.say({ id, result: {} });
      await reply.message('the answer', (message) => message.id === 1);
      const empty = reply.events.filter(({ data }) => data === '');
      expect(empty.map((event) => event.id !== '')).toEqual(version === '2025-11-25' ? [true] : []);
    }
  });

  it('an answer that takes its time is begun for a client that can resume it, and not yet for another', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    const begin = async (version: string) => {
      const session = await HttpSession.begin(gateway, { version });
      return session.post({ id: 1, method: 'tools/call', params: { name: 'slow' } });
    };
    const before = begin('2025-06-18');
    const { id } = await child.request('tools/call');
    const now = await begin('2025-11-25');
    expect(now.response.headers['content-type']).toBe('text/event-stream');
    child.say({ id, result: {} });
    expect((await before).response.headers['content-type']).toBe('application/json');
    now.close();
  });
});

describe('sessions', () => {
  it('pitfall "a session created on any POST": only initialize begins one', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const probes = [
      { id: 1, method: 'server/discover' },
      { id: 2, method: 'tools/list' },
      { method: 'notifications/initialized' },
      { id: 3, result: {} },
      // No request, so no answer could tell the id.
      { method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } },
      [{ id: 4, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {} } }],
    ];
    for (const probe of probes) {
      const { status, headers, text } = await fetchAll(gateway.url, posting(probe));
      expect({ probe, status }).toEqual({ probe, status: 400 });
      expect(headers['mcp-session-id']).toBeUndefined();
      expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', error: { message: /Mcp-Session-Id/ } });
    }
    const malformed = await fetchAll(gateway.url, posting({ id: 5, method: 'initialize', params: {} }));
    expect(malformed.messages).toMatchObject([{ id: 5, error: { code: -32602 } }]);
    expect(gateway.endpoint.sessions.size).toBe(0);
    expect(child.lines).toEqual([]);
  });

  it('a missing header is 400, an unknown id 404, one that was ended 404: on every method', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const session = await HttpSession.begin(gateway);
    expect(await session.end()).toMatchObject({ status: 200 });
    const attempts = (headers: Record<string, string>) => [
      posting(PING, headers),
      { method: 'GET', headers: { authorization: AUTHORIZATION, accept: 'text/event-stream', ...headers } },
      { method: 'DELETE', headers: { authorization: AUTHORIZATION, ...headers } },
    ];
    const statuses = (headers: Record<string, string>) =>
      Promise.all(
        attempts(headers).map(async (sending) => {
          const { status, text } = await fetchAll(gateway.url, sending);
          return [status, (JSON.parse(text) as { error: { code: number } }).error.code];
        }),
      );
    expect(await statuses({})).toEqual(Array(3).fill([400, -32000]));
    expect(await statuses({ 'mcp-session-id': 'made-up' })).toEqual(Array(3).fill([404, -32001]));
    expect(await statuses({ 'mcp-session-id': session.id })).toEqual(Array(3).fill([404, -32001]));
  });

  it('ids cannot be guessed', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => HttpSession.begin(gateway)));
    const ids = sessions.map(({ id }) => id);
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('pitfall "clients rarely DELETE": an idle one is over after its time, one with a stream or a call is not', async () => {
    await using gateway = await OpenGateway.start({ idleMs: 50 });
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    const idle = await HttpSession.begin(gateway);
    const listening = await HttpSession.begin(gateway);
    const stream = await listening.listen();
    const calling = await HttpSession.begin(gateway);
    const call = calling.call('slow');
    const { id } = await child.request('tools/call');
    await until('the idle one is over', () => {
      gateway.endpoint.sessions.expire();
      return gateway.endpoint.sessions.size === 2;
    });
    expect(await (await idle.post(PING)).status).toBe(404);
    child.say({ id, result: {} });
    await call;
    stream.close();
    await until('all are over', () => {
      gateway.endpoint.sessions.expire();
      return gateway.endpoint.sessions.size === 0;
    });
  });

  it('there are so many at most: the one that was idle longest makes room', async () => {
    await using gateway = await OpenGateway.start({ maxSessions: 3 });
    gateway.serve();
    const first = await HttpSession.begin(gateway);
    const second = await HttpSession.begin(gateway);
    const stream = await second.listen();
    await nextTick();
    await first.request('ping');
    const third = await HttpSession.begin(gateway);
    await nextTick();
    const fourth = await HttpSession.begin(gateway);
    expect(gateway.endpoint.sessions.size).toBe(3);
    const status = async (session: HttpSession) => (await session.post(PING)).status;
    // The first was used before the third began; the second listens.
    expect([await status(first), await status(second), await status(third), await status(fourth)]).toEqual([
      404, 200, 200, 200,
    ]);
    stream.close();
  });
});

describe('pitfall "404 during a restart"', () => {
  it('a session is known before, while and after its server is away, and to the next supervisor', async () => {
    let record: SessionRecord;
    {
      await using gateway = await OpenGateway.start();
      const child = gateway.serve();
      const session = await HttpSession.begin(gateway, { version: '2025-06-18' });
      await child.exit(1);
      const waiting = session.call('echo', { a: 1 });
      await until('the call waits', () => gateway.endpoint.callCount === 1);
      gateway.serve();
      expect(await waiting).toMatchObject({ result: { echo: { a: 1 } } });
      gateway.endpoint.shared.unavailable('scripted is blocked');
      expect(await session.call('echo')).toMatchObject({ error: { message: 'scripted is blocked' } });
      const [kept] = gateway.endpoint.sessions.all();
      record = JSON.parse(JSON.stringify(kept?.record)) as SessionRecord;
      expect(record).toMatchObject({ id: session.id, protocolVersion: '2025-06-18' });
    }
    await using next = await OpenGateway.start({ sessions: [record] });
    next.serve();
    const headers = { 'mcp-session-id': record.id, 'mcp-protocol-version': '2025-06-18' };
    expect(await fetchAll(next.url, posting(PING, headers))).toMatchObject({
      status: 200,
      messages: [{ id: 1, result: {} }],
    });
  });

  it('who says hello meanwhile waits, and gets the reason where nothing will come', async () => {
    await using gateway = await OpenGateway.start();
    const early = HttpSession.begin(gateway);
    const gone = new AbortController();
    const impatient = fetch(gateway.url, {
      ...(posting({
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {} },
      }) as RequestInit),
      signal: gone.signal,
    });
    await until('both are connected', () => gateway.connections === 2);
    gone.abort();
    await expect(impatient).rejects.toThrow();
    await until('one has gone', () => gateway.connections === 1);
    gateway.serve();
    expect((await early).result.serverInfo).toEqual({ name: 'scripted', version: '1.0.0' });
    // Nobody would ever end the session of the one that has gone.
    expect(gateway.endpoint.sessions.size).toBe(1);

    gateway.endpoint.shared.unavailable('scripted was given up: exited with code 3');
    await expect(HttpSession.begin(gateway)).rejects.toThrow(/given up: exited with code 3/);
    expect(gateway.endpoint.sessions.size).toBe(1);
  });
});
