import { describe, expect, it } from 'vitest';
import type { Severity, Warning } from '../../../src/model.ts';
import { HttpSession, type Message, type OpenReply } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import { until } from '../../support/until.ts';
import { row } from '../webhook/rows.ts';

const told = (stream: OpenReply) =>
  stream.messages
    .filter(({ method }) => method === 'notifications/message')
    .map(({ params }) => params.data.code ?? params.data);

/** A client that has said that it is ready, with its stream. */
async function listening(gateway: OpenGateway): Promise<{ session: HttpSession; stream: OpenReply }> {
  const session = await HttpSession.begin(gateway);
  await session.notify('notifications/initialized');
  return { session, stream: await session.listen() };
}

const warn = (gateway: OpenGateway, name: string, severity: Severity = 'warning') =>
  gateway.endpoint.warn(row(name, { severity }));

describe('a warning about a server', () => {
  it('goes to each of its clients, as a log message', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const clients = [await listening(gateway), await listening(gateway)];
    warn(gateway, 'token.missing', 'error');
    for (const { stream } of clients) {
      const message = await stream.message('the warning', () => true);
      const data = {
        code: 'token.missing',
        message: 'token.missing is wrong.',
        hint: 'Mend it.',
        server: 'mail',
      };
      expect(message).toEqual({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { level: 'error', logger: 'mcp-supervisor', data },
      });
    }
  });

  it('passes the level that a session has set, and warning where it has set none', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const levels = [null, 'debug', 'info', 'notice', 'warning', 'error', 'critical'];
    const streams: OpenReply[] = [];
    for (const level of levels) {
      const { session, stream } = await listening(gateway);
      if (level !== null) await session.request('logging/setLevel', { level });
      streams.push(stream);
    }
    for (const severity of ['info', 'warning', 'error'] as const) warn(gateway, severity, severity);
    // This one passes everywhere, and comes last.
    child.say({ method: 'notifications/tools/list_changed' });
    for (const stream of streams) {
      await stream.message('the last', ({ method }) => method === 'notifications/tools/list_changed');
    }
    const all = ['info', 'warning', 'error'];
    const passing = [all.slice(1), all, all, all.slice(1), all.slice(1), all.slice(2), []];
    expect(streams.map(told)).toEqual(passing);
  });

  it('is kept for a client that does not listen, and resumed like any other message', async () => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const { session, stream } = await listening(gateway);
    warn(gateway, 'one');
    await until('the first', () => told(stream).length === 1);
    const [event] = stream.events;
    gateway.cut();
    await gateway.closed();
    warn(gateway, 'two');
    warn(gateway, 'three');
    const resumed = await session.listen(event?.id);
    await until('the rest', () => told(resumed).length === 2);
    expect(told(resumed)).toEqual(['two', 'three']);
  });
});

describe('what is wrong before a client comes', () => {
  it('is told once, after it has said that it is ready', async () => {
    const rows: Warning[] = [row('early', { severity: 'error' }), row('trifle', { severity: 'info' })];
    await using gateway = await OpenGateway.start({ warnings: () => rows });
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    const stream = await session.listen();
    // Between hello and ready: it is among those that are told then.
    rows.push(row('between'));
    warn(gateway, 'between');
    child.say({ method: 'notifications/message', params: { level: 'info', data: 'of the child' } });
    await until('the message of the child', () => told(stream).length === 1);
    expect(told(stream)).toEqual(['of the child']);
    await session.notify('notifications/initialized');
    await session.notify('notifications/initialized');
    warn(gateway, 'late');
    await until('all', () => told(stream).includes('late'));
    expect(told(stream)).toEqual(['of the child', 'early', 'between', 'late']);
  });

  it('is not told again to a client of the supervisor before', async () => {
    await using gateway = await OpenGateway.start({
      warnings: () => [row('known')],
      sessions: [
        {
          ...{ id: 'a'.repeat(32), server: 'scripted', protocolVersion: '2025-11-25', capabilities: {} },
          ...{ client: 'c', logLevel: null, subscriptions: [], lastSeen: Date.now() },
        },
      ],
    });
    gateway.serve();
    warn(gateway, 'new');
    const [session] = gateway.endpoint.sessions.all();
    expect(
      session?.events.after('get', 0).map(({ message }) => JSON.parse(message.toString()).params.data.code),
    ).toEqual(['new']);
  });
});

describe('logging/setLevel', () => {
  const answerTo = async (session: HttpSession, level: unknown): Promise<Message> =>
    session.request('logging/setLevel', { level });

  it('is ours to answer where the child has no log', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    expect(session.result.capabilities).toMatchObject({ tools: {}, logging: {} });
    expect(await answerTo(session, 'error')).toMatchObject({ result: {} });
    expect(await answerTo(session, 'shout')).toMatchObject({ error: { code: -32602 } });
    expect(child.got('logging/setLevel')).toEqual([]);
    expect(gateway.endpoint.sessions.all().map(({ logLevel }) => logLevel)).toEqual(['error']);
  });

  it('does not wait for a child that is not there, and is set on the next one', async () => {
    await using gateway = await OpenGateway.start();
    const capabilities = { logging: {} };
    const answers = { 'logging/setLevel': () => ({}) };
    const first = gateway.serve({ capabilities, answers });
    const session = await HttpSession.begin(gateway);
    await first.exit(1);
    expect(await answerTo(session, 'error')).toMatchObject({ result: {} });
    const second = gateway.serve({ capabilities, answers });
    expect((await second.request('logging/setLevel')).params).toEqual({ level: 'error' });
    // One that has a log answers for itself.
    expect(await answerTo(session, 'debug')).toMatchObject({ result: {} });
    expect(second.got('logging/setLevel').map(({ params }) => params)).toEqual([
      { level: 'error' },
      { level: 'debug' },
    ]);
  });
});
