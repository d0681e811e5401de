import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { type Connection, connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const servers = {
  echo: fixtureServer(fixture('once-or-again')),
  talks: fixtureServer(fixture('talks-back')),
};

/** Kills the supervisor, and waits for the next one to be ready. */
async function killSupervisor(project: TestProject): Promise<void> {
  await project.killSupervisor();
  await project.ready('echo');
  await project.ready('talks');
}

/** Calls one after the other until it is told to stop, and tells of each answer. */
async function callUntil(connection: Connection, stopped: () => boolean, answered: () => void) {
  for (let count = 0; !stopped(); count++) {
    const nonce = randomUUID();
    expect(await connection.text(count % 2 === 0 ? 'once' : 'again', { nonce })).toBe(nonce);
    answered();
  }
}

test('kill -9 of the supervisor, three times, under calls: none fails, none is carried out twice', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const endpoint = await project.endpoint('echo');
  const connections = await Promise.all(Array.from({ length: 4 }, () => connect(endpoint)));
  const { pid } = await project.server('echo');
  const counts = Array.from({ length: 16 }, () => 0);
  let stop = false;
  const callers = counts.map((_, caller) =>
    callUntil(
      connections[caller % 4] as Connection,
      () => stop,
      () => (counts[caller] = (counts[caller] ?? 0) + 1),
    ),
  );
  const watched = Promise.all(callers);
  /** Each caller's answers from here on: one may belong to a call made before, the second does not. */
  const allGoOn = async () => {
    const before = [...counts];
    await until('two answers for each caller', () =>
      counts.every((count, i) => count >= (before[i] ?? 0) + 2),
    );
  };
  const kills = async () => {
    for (let kill = 0; kill < 3; kill++) {
      await allGoOn();
      await killSupervisor(project);
    }
    await allGoOn();
  };
  await Promise.race([kills(), watched]);
  stop = true;
  await watched;
  expect(await project.ok('logs', 'echo', '-n', '1000000')).not.toContain('twice');
  expect((await project.server('echo')).pid).toBe(pid);
  for (const connection of connections) await connection.client.close();
});

test('a call that takes longer than the supervisor needs to be back is answered on its connection', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  await using connection = await connect(await project.endpoint('echo'));
  const nonce = randomUUID();
  const answer = connection.text('once', { nonce, until: project.path('go') });
  await until('the call is with the child', async () => (await project.server('echo')).calls === 1);
  await killSupervisor(project);
  project.write('go', '');
  expect(await answer).toBe(nonce);
});

test('a call that is answered with events belongs to the next supervisor too: a replacement waits for it', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  await using connection = await connect(await project.endpoint('echo'));
  const nonce = randomUUID();
  const answer = connection.text('once', { nonce, until: project.path('go') });
  const journal = () => readFileSync(project.path('.mcp-supervisor/connections'), 'latin1');
  await until('its stream is open', () => /^t|\0t|\nt/.test(journal()));
  const { pid } = await project.server('echo');
  await killSupervisor(project);
  expect((await project.server('echo')).calls).toBe(1);
  await project.ok('restart', '--no-wait');
  await until('another child serves', async () => {
    const server = await project.server('echo');
    return server.state === 'replacing' ? false : server.pid !== pid;
  });
  project.write('go', '');
  expect(await answer).toBe(nonce);
});

/** A client of an earlier revision, which could not resume an answer that has begun; `fetch` follows a 307. */
async function earlierClient({ url, token }: { url: string; token: string }) {
  const post = (message: object, headers: Record<string, string> = {}) => {
    const accept = 'application/json, text/event-stream';
    return fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
  };
  const clientInfo = { name: 'earlier', version: '1.0.0' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  const hello = await post({ id: 0, method: 'initialize', params });
  const headers = { 'mcp-session-id': hello.headers.get('mcp-session-id') ?? '' };
  return async (name: string, args: object) => {
    const answer = await post({ id: 1, method: 'tools/call', params: { name, arguments: args } }, headers);
    return answer.json();
  };
}

test('a call that was taken over and may be repeated is sent again when its child dies, too', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const call = await earlierClient(await project.endpoint('echo'));
  const nonce = randomUUID();
  const answer = call('again', { nonce, until: project.path('go') });
  const isWithTheChild = async () => (await project.server('echo')).calls === 1;
  await until('the call is with the child', isWithTheChild);
  await killSupervisor(project);
  await until('the next supervisor has it', isWithTheChild);
  process.kill((await project.server('echo')).pid ?? 0, 'SIGKILL');
  project.write('go', '');
  expect(await answer).toMatchObject({ result: { content: [{ type: 'text', text: nonce }] } });
});

test.each(['while there is none', 'once the next is there'])(
  'what a client was asked before the kill it can answer %s',
  async (when) => {
    await using project = new TestProject({ servers });
    await project.ok('up');
    let answer: ((text: string) => void) | undefined;
    const sample = () => new Promise<string>((resolve) => (answer = resolve));
    await using connection = await connect(await project.endpoint('talks'), { sample });
    const params = { messages: [{ role: 'user', content: { type: 'text', text: 'well?' } }], maxTokens: 9 };
    const call = connection.text('ask', { method: 'sampling/createMessage', params });
    await until('the client is asked', () => answer !== undefined);
    const next = killSupervisor(project);
    if (when === 'once the next is there') await next;
    answer?.('an answer');
    await next;
    expect(await call).toContain('an answer');
  },
);

test('a keeper that is killed takes the connections along, but not the sessions', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  await using connection = await connect(await project.endpoint('echo'));
  const { sessionId } = connection.transport;
  const keeper = project.pidIn('keeper.json');
  process.kill(keeper, 'SIGKILL');
  await until('another keeper', () => project.pidIn('keeper.json') !== keeper);
  await project.ready('echo');
  // The connection that the client still holds is dead, which it learns at its first attempt.
  const nonce = randomUUID();
  expect(await until('an answer', () => connection.text('again', { nonce }))).toBe(nonce);
  expect(connection.transport.sessionId).toBe(sessionId);
});

test('kill -9 of the supervisor while `up` waits for it: said as what it is', async () => {
  await using project = new TestProject({ servers: { echo: fixtureServer(fixture('never-answers')) } });
  const up = project.start('up');
  await project.serverWhere('echo', 'starting', ({ state, pid }) => state === 'starting' && pid !== null);
  process.kill(project.pidIn('supervisor.json'), 'SIGKILL');
  const { code, stderr } = await up.outcome;
  expect(code).toBe(1);
  expect(stderr).toContain('error supervisor.unresponsive: The supervisor ended before it answered');
});
