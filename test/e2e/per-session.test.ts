import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { appsOf, childrenOf, connectAll, counter, pidsOf } from '../support/counter.ts';
import { connect } from '../support/mcp-client.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

test('each session has a child and its state for itself, beside the primary one; down leaves none of them', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const alone = await project.server('counter');
  expect(alone).toMatchObject({ state: 'ready', sessions: 0, children: 1 });

  const clients = await connectAll(project, 3);
  const pids = await pidsOf(clients);
  expect(new Set([...pids, alone.pid]).size).toBe(4);
  expect(childrenOf(project).sort()).toEqual([...pids, alone.pid].sort());
  expect(appsOf(project)).toEqual([1, 2, 3, 4].map((generation) => `counter@${generation}.json`));

  const [a, b, c] = clients;
  expect([await a?.text('count'), await a?.text('count'), await b?.text('count')]).toEqual(['1', '2', '1']);
  expect([await a?.text('count'), await c?.text('count')]).toEqual(['3', '1']);
  expect((await c?.client.listTools())?.tools.map(({ name }) => name)).toContain('count');

  const row = await project.server('counter');
  expect(row).toMatchObject({ state: 'ready', pid: alone.pid, sessions: 3, children: 4, restarts: 0 });
  expect(row.memoryBytes).toBeGreaterThan(2 * Number(alone.memoryBytes));
  await project.ok('down');
  expect(project.processes()).toEqual([]);
});

test('a change of .env replaces the child of each session, which goes on; one that fails touches none of them', async () => {
  const servers = counter({ env: { VALUE: '${VALUE}' }, restart: { maxRestarts: 0 } });
  await using project = new TestProject({ env: 'VALUE=canary-one\n', servers });
  await project.ok('up');
  const clients = await connectAll(project, 2);
  const sessions = clients.map(({ transport }) => transport.sessionId);
  const before = await pidsOf(clients);
  await clients[0]?.text('count');

  project.write('.env', 'VALUE=canary-refused\n');
  expect((await project.warning('reload.failed')).message).toContain('does not like its value');
  expect(await pidsOf(clients)).toEqual(before);
  expect(await clients[0]?.text('count')).toBe('2');

  project.write('.env', 'VALUE=canary-two\n');
  await until('all have the new value', async () => {
    const values = await Promise.all(clients.map((client) => client.text('env', { name: 'VALUE' })));
    return values.every((value) => value === 'canary-two');
  });
  const after = await pidsOf(clients);
  expect(new Set([...before, ...after]).size).toBe(4);
  expect(clients.map(({ transport }) => transport.sessionId)).toEqual(sessions);
  expect(await clients[0]?.text('count')).toBe('1');
  await until('the old ones are gone', () => !before.some(isAlive));
  const row = await project.serverWhere('counter', 'ready', ({ state }) => state === 'ready');
  expect(row).toMatchObject({ children: 3, sessions: 2, lastReload: { outcome: 'replaced' } });
  expect(await project.warnings()).toEqual([]);
  // The fourth was the primary one's attempt with the value that was refused: no other tried it.
  const expected = [5, 6, 7].map((generation) => `counter@${generation}.json`);
  await until('exactly one attempt was made', () => isDeepStrictEqual(appsOf(project), expected));
});

test('restart replaces the children of all sessions before it returns', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const clients = await connectAll(project, 2);
  const before = [...(await pidsOf(clients)), (await project.server('counter')).pid];
  await project.ok('restart');
  const after = [...(await pidsOf(clients)), (await project.server('counter')).pid];
  expect(new Set([...before, ...after]).size).toBe(6);
});

test('kill -9 of one session’s child concerns that session alone, and it gets a new one', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const primary = (await project.server('counter')).pid;
  const clients = await connectAll(project, 2);
  const [hit, other] = await pidsOf(clients);
  for (const client of clients) expect(await client.text('count')).toBe('1');
  process.kill(Number(hit), 'SIGKILL');
  await project.serverWhere('counter', 'restarted', ({ restarts }) => restarts === 1);

  expect(await clients[0]?.text('count')).toBe('1');
  expect(await clients[1]?.text('count')).toBe('2');
  const pids = await pidsOf(clients);
  expect(pids[0]).not.toBe(hit);
  expect(pids[1]).toBe(other);
  expect(await project.server('counter')).toMatchObject({ state: 'ready', pid: primary, restarts: 1 });
});

test('a session’s child that is given up fails that session’s calls with the reason, until a restart', async () => {
  await using project = new TestProject({ servers: counter({ restart: { maxRestarts: 0 } }) });
  await project.ok('up');
  const clients = await connectAll(project, 2);
  const [, other] = await pidsOf(clients);
  await expect(clients[0]?.text('die')).rejects.toThrow('exited with code 9 during this call');
  expect((await project.warning('server.crash-loop')).message).toContain('the page has crashed');
  await expect(clients[0]?.text('count')).rejects.toThrow('was given up');
  expect((await pidsOf(clients.slice(1)))[0]).toBe(other);
  const row = await project.server('counter');
  expect(row).toMatchObject({ state: 'ready', detail: expect.stringContaining('the page has crashed') });

  // Another session's child that comes up well does not speak for this one.
  const [third] = await connectAll(project, 1);
  expect(await third?.text('count')).toBe('1');
  expect((await project.warnings()).map(({ code }) => code)).toEqual(['server.crash-loop']);
  await project.ok('restart');
  expect(await clients[0]?.text('count')).toBe('1');
  expect(await project.warnings()).toEqual([]);
});

test('a warning goes when the children that showed it are replaced, not when another session begins', async () => {
  const rule = {
    pattern: 'QUOTA: .* by (?<team>\\S+)',
    code: 'my.quota',
    subject: '$<team>',
    message: '$<team>',
  };
  const complains = fixtureServer(fixture('complains'), {
    sharing: 'per-session',
    env: { VALUE: '${VALUE}' },
    logRules: [rule],
  });
  await using project = new TestProject({ env: 'VALUE=sick\n', servers: { complains } });
  await project.ok('up');
  const endpoint = await project.endpoint('complains');
  const subjects = async () => (await project.warnings()).map(({ subject }) => subject).sort();
  const first = await connect(endpoint);
  await first.text('say', { line: 'QUOTA: 8 of 5 used by team-d' });
  await until('all are told', async () => (await subjects()).length === 3);

  project.write('.env', 'VALUE=cured\n');
  await until('none is left', async () => (await subjects()).length === 0);
  await first.text('say', { line: 'QUOTA: 9 of 5 used by team-d' });
  await until('it is told', async () => (await subjects()).length === 1);
  await first.transport.terminateSession();
  await project.serverWhere('complains', 'alone', ({ children }) => children === 1);
  const second = await connect(endpoint);
  await second.text('say', { line: 'all is well' });
  expect(await subjects()).toEqual(['team-d']);
  await project.ok('restart');
  expect(await subjects()).toEqual([]);
});

test('a variable that is taken away stops the children of sessions too; once it is back they go on', async () => {
  const servers = counter({ env: { VALUE: '${VALUE}' } });
  await using project = new TestProject({ env: 'VALUE=one\n', servers });
  await project.ok('up');
  const [client] = await connectAll(project, 1);
  expect(await client?.text('count')).toBe('1');
  project.write('.env', 'OTHER=1\n');
  await until('no process of it is left', () => childrenOf(project).length === 0);
  await expect(client?.text('count')).rejects.toThrow('VALUE');
  project.write('.env', 'VALUE=two\n');
  await project.ready('counter');
  await until('it is served again', async () => (await client?.text('env', { name: 'VALUE' })) === 'two');
});

test('kill -9 of the supervisor: each session goes on with its own child, and one that is over leaves none', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const primary = (await project.server('counter')).pid;
  const clients = await connectAll(project, 3);
  const [a, b, gone] = clients;
  const before = await pidsOf(clients);
  for (const client of clients) expect(await client.text('count')).toBe('1');
  expect(await a?.text('count')).toBe('2');

  const waiting = [a, b].map((client) => client?.text('wait', { file: project.path('done') }));
  await project.serverWhere('counter', 'at work', ({ calls }) => calls === 2);

  // The keeper would start the next one at once; meanwhile a session ends, as if it had just said goodbye.
  const keeper = project.pidIn('keeper.json');
  const supervisor = project.pidIn('supervisor.json');
  process.kill(keeper, 'SIGSTOP');
  process.kill(supervisor, 'SIGKILL');
  await until('the supervisor is gone', () => !isAlive(supervisor));
  const file = project.path('.mcp-supervisor/sessions.json');
  const records = JSON.parse(project.read('.mcp-supervisor/sessions.json')) as { id: string }[];
  expect(records).toHaveLength(3);
  writeFileSync(file, JSON.stringify(records.filter(({ id }) => id !== gone?.transport.sessionId)));
  process.kill(keeper, 'SIGCONT');

  expect([await a?.text('count'), await b?.text('count')]).toEqual(['3', '2']);
  expect(await pidsOf(clients.slice(0, 2))).toEqual(before.slice(0, 2));
  // What was under way is answered by the child that it was sent to.
  project.write('done', '');
  expect(await Promise.all(waiting)).toEqual(before.slice(0, 2).map(String));
  await until('the child without a session is gone', () => !isAlive(Number(before[2])));
  const row = await project.server('counter');
  expect(row).toMatchObject({ pid: primary, sessions: 2, children: 3, restarts: 0 });
  await expect(gone?.text('count')).rejects.toThrow('Session not found');
  // It is still theirs to end.
  await a?.transport.terminateSession();
  await until('its child is gone', () => !isAlive(Number(before[0])));
});

test('what a session’s child asks goes to that session, also while others wait', async () => {
  await using project = new TestProject({ servers: counter() });
  await project.ok('up');
  const endpoint = await project.endpoint('counter');
  const heard: string[] = [];
  const named = (name: string) =>
    connect(endpoint, {
      sample: (prompt) => {
        heard.push(`${name} heard ${(prompt as { text: string }).text}`);
        return `${name} says yes`;
      },
    });
  const [a, b] = [await named('a'), await named('b')];
  const waiting = b.text('wait', { file: project.path('done') });
  expect(await a.text('ask', { prompt: 'from a' })).toBe('a says yes');
  project.write('done', '');
  await waiting;
  expect(await b.text('ask', { prompt: 'from b' })).toBe('b says yes');
  expect(heard).toEqual(['a heard from a', 'b heard from b']);
});
