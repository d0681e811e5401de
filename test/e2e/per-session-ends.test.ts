import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ServerStatus } from '../../src/model.ts';
import { fixture } from '../support/cli.ts';
import { childrenOf, connectAll, counter, pidsOf } from '../support/counter.ts';
import { type Connection, connect } from '../support/mcp-client.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** A client that listens to nothing between its calls; returns its session's id. */
async function quietSession({ url, token }: { url: string; token: string }): Promise<string> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'quiet', version: '1' },
  };
  const response = await post({ url, token }, { id: 0, method: 'initialize', params });
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

function post(
  { url, token }: { url: string; token: string },
  message: Record<string, unknown>,
  session?: string,
): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
}

const areTwo = ({ sessions, children }: ServerStatus) => sessions === 2 && children === 3;

async function pidOf(client: Connection): Promise<number> {
  return Number(await client.text('who'));
}

test('a session that says goodbye takes its child along, also from a call, and no other', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const clients = await connectAll(project, 2);
  const [gone, other] = clients as [Connection, Connection];
  const [ended, stays] = await pidsOf(clients);
  const waiting = gone.text('wait', { file: project.path('never') }).catch((error: Error) => error.message);
  await project.serverWhere('counter', 'at work', ({ calls }) => calls === 1);
  await gone.transport.terminateSession();
  await until('its child is gone', () => !isAlive(Number(ended)));
  expect(await waiting).toContain('during this call');
  expect(await pidOf(other)).toBe(stays);
  expect(await project.server('counter')).toMatchObject({ sessions: 1, children: 2, calls: 0 });
});

test('a session that is idle for too long is over; one that listens or waits for an answer is not idle', async () => {
  await using project = new TestProject({ servers: counter(), gateway: { sessionIdleMs: 5_000 } });
  await project.ok('up');
  const endpoint = await project.endpoint('counter');
  const [listens] = (await connectAll(project, 1)) as [Connection];
  const pid = await pidOf(listens);
  const waits = await quietSession(endpoint);
  const wait = { name: 'wait', arguments: { file: project.path('done') } };
  const answer = post(endpoint, { id: 1, method: 'tools/call', params: wait }, waits);
  const idle = await quietSession(endpoint);

  await project.serverWhere('counter', 'without the idle one', areTwo);
  expect((await post(endpoint, { id: 2, method: 'ping' }, idle)).status).toBe(404);
  expect(await pidOf(listens)).toBe(pid);
  project.write('done', '');
  expect(await (await answer).text()).toMatch(/"text":"\d+"/);
  await project.serverWhere('counter', 'with the listener only', ({ children }) => children === 2);
  expect(await pidOf(listens)).toBe(pid);
});

test('the cap: an idle session makes room, and where none is idle `initialize` says what to change', async () => {
  await using project = new TestProject({ servers: counter({ maxSessionChildren: 2 }) });
  await project.ok('up');
  const endpoint = await project.endpoint('counter');
  const [stays] = (await connectAll(project, 1)) as [Connection];
  const quiet = await quietSession(endpoint);
  const refused = connect(endpoint);
  await expect(refused).rejects.toThrow(
    /2 sessions .* maxSessionChildren .* servers\.counter\.maxSessionChildren/,
  );
  await project.serverWhere('counter', 'at its cap', areTwo);

  // One that was heard of just now may be between two calls, so this takes a while.
  await using next = await until('there is room', () => connect(endpoint));
  expect(await next.text('count')).toBe('1');
  expect((await post(endpoint, { id: 1, method: 'ping' }, quiet)).status).toBe(404);
  expect(await stays.text('count')).toBe('1');
  await project.serverWhere('counter', 'at its cap', areTwo);
});

test('a change of `sharing` loses no session and no call, in both directions', async () => {
  await using project = new TestProject({ servers: counter({ sharing: 'shared' }) });
  await project.ok('up');
  const primary = Number((await project.server('counter')).pid);
  const clients = (await connectAll(project, 2)) as [Connection, Connection];
  expect(await pidsOf(clients)).toEqual([primary, primary]);
  const shared = clients[0].text('wait', { file: project.path('first') });
  await project.serverWhere('counter', 'at work', ({ calls }) => calls === 1);

  project.configure(counter());
  const own = await until('each has its own', async () => {
    const pids = await pidsOf(clients);
    return pids.includes(primary) ? null : pids;
  });
  expect(new Set(own).size).toBe(2);
  project.write('first', '');
  expect(await shared).toBe(String(primary));
  expect((await project.server('counter')).pid).toBe(primary);

  const separate = clients[1].text('wait', { file: project.path('second') });
  await project.serverWhere('counter', 'at work', ({ calls }) => calls === 1);
  project.configure(counter({ sharing: 'shared' }));
  await until('all share one', async () => (await pidsOf(clients)).every((pid) => pid === primary));
  await until('the one that is done is gone', () => !isAlive(Number(own[0])));
  expect(isAlive(Number(own[1]))).toBe(true);
  project.write('second', '');
  expect(await separate).toBe(String(own[1]));
  await until('the other is gone too', () => childrenOf(project).length === 1);
  expect(await project.server('counter')).toMatchObject({ pid: primary, sessions: 2, children: 1 });
});

test('sessions outlive down and up, and get a child again when they are used', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const endpoint = await project.endpoint('counter');
  const session = await quietSession(endpoint);
  const pidOfSession = async () => {
    const response = await post(endpoint, { id: 1, method: 'tools/call', params: { name: 'who' } }, session);
    return Number(/"text":"(\d+)"/.exec(await response.text())?.[1]);
  };
  const before = await pidOfSession();
  await project.ok('down');
  await project.ok('up');
  expect(await project.server('counter')).toMatchObject({ sessions: 1, children: 1 });
  const after = await pidOfSession();
  expect(after).not.toBe(before);
  expect(after).not.toBe((await project.server('counter')).pid);
  expect(isAlive(after)).toBe(true);
});

test('the child of a session that takes more than maxMemory is replaced, and no other', async () => {
  const hungry = fixtureServer(fixture('hungry'), { maxMemory: '200M', sharing: 'per-session' });
  await using project = new TestProject({ servers: { hungry } });
  await project.ok('up');
  const before = await project.server('hungry');
  const endpoint = await project.endpoint('hungry');
  const [eats, fasts] = [await connect(endpoint), await connect(endpoint)];
  expect([await fasts.text('eat', { mb: 1 }), await eats.text('eat', { mb: 250 })]).toEqual(['1', '1']);
  await until('it starts anew', async () => {
    // A look every ten seconds is enough of a wait; each bite counts.
    await sleep(500);
    return (await eats.text('eat', { mb: 0 })) === '1';
  });
  expect(await fasts.text('eat', { mb: 1 })).toBe('2');
  expect(await project.server('hungry')).toMatchObject({ pid: before.pid, lastReload: null, restarts: 0 });
});
