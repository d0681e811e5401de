import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { routeId } from '../../../src/gateway/route-id.ts';
import { fetchAll, HttpSession, posting } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';
import { until } from '../../support/until.ts';

const TOOLS = [{ name: 'adds' }];
const SILENT = { tools: TOOLS, answers: { 'tools/call': () => undefined } };

/** Has `see` called before bytes go out to a client. */
function beforeWrites(socket: Socket, see: () => void): void {
  const { _write, _writev } = socket;
  socket._write = (...args) => {
    see();
    _write.apply(socket, args);
  };
  socket._writev = (...args) => {
    see();
    _writev?.apply(socket, args);
  };
}

it('as an answer goes out, nobody else is to bring it any more', async () => {
  const seen: string[] = [];
  const onSocket = (socket: Socket) => beforeWrites(socket, () => seen.push(gateway.marks));
  await using gateway = await OpenGateway.start({ onSocket });
  const child = gateway.serve(SILENT);
  const session = await HttpSession.begin(gateway);
  await until('the hello is over', () => gateway.connections === 0);
  seen.length = 0;
  const answer = session.call('adds');
  const { id } = await child.request('tools/call');
  expect(gateway.marks).toBe('s');
  child.say({ id, result: { content: [] } });
  await answer;
  expect(seen[0]).toBe('.');
});

it('an answer that its client reads slowly is one that has begun, until all of it is out', async () => {
  await using gateway = await OpenGateway.start();
  const child = gateway.serve(SILENT);
  const session = await HttpSession.begin(gateway);
  await until('the hello is over', () => gateway.connections === 0);
  const { body, ...how } = posting(
    { id: 1, method: 'tools/call', params: { name: 'adds' } },
    session.headers,
  );
  const response = new Promise<IncomingMessage>((resolve) => {
    request(gateway.url, how).once('response', resolve).end(body);
  });
  const { id } = await child.request('tools/call');
  child.say({ id, result: { content: [{ type: 'text', text: 'x'.repeat(16 * 1024 * 1024) }] } });
  const slow = await response;
  expect(gateway.marks).toBe('a');
  slow.resume();
  await until('all of it is out', () => gateway.marks !== 'a');
});

it('as a client that seems idle is asked to say again what it said, nobody else is to hear it any more', async () => {
  await using before = await OpenGateway.start();
  const idle = connect(before.port);
  await until('it is written down', () => before.marks === '.');
  const seen: string[] = [];
  const onSocket = (socket: Socket) => beforeWrites(socket, () => seen.push(next.marks));
  await using next = await OpenGateway.start({ journalText: before.journal, onSocket });
  idle.destroy();
  const inherited = connect(next.port);
  const [answer] = (await once(inherited, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 307 /);
  expect(seen[0]).toBe('u');
});

it('a connection that its last supervisor had closed already harms nobody', async () => {
  await using before = await OpenGateway.start();
  const idle = connect(before.port);
  await until('it is written down', () => before.marks === '.');
  const journalText = before.journal;
  journalText.write('u');
  await using next = await OpenGateway.start({ journalText, onSocket: (socket) => socket.end() });
  idle.destroy();
  const inherited = connect(next.port).resume();
  await once(inherited, 'close');
  await next.closed();
});

it('who is asked to send a call again that was answered gets that answer, and the child no second call', async () => {
  await using before = await OpenGateway.start();
  before.serve(SILENT);
  const session = await HttpSession.begin(before);
  const records = before.endpoint.sessions.all().map(({ record }) => record);
  await using gateway = await OpenGateway.start({ sessions: records });
  const child = gateway.serve(SILENT);
  const [{ key: sessionKey } = { key: '' }] = gateway.endpoint.sessions.all();
  child.say({ id: routeId({ sessionKey, rawId: '7' }), result: { content: [] } });
  const call = posting({ id: 7, method: 'tools/call', params: { name: 'adds' } }, session.headers);
  const again = await fetchAll(`${gateway.url}?resend`, call);
  expect(again.messages).toEqual([{ jsonrpc: '2.0', id: 7, result: { content: [] } }]);
  expect(child.got('tools/call')).toEqual([]);
});
