import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bridgeTo, GREETING, startBridge } from '../support/bridge.ts';
import { CLI, fixture, REPO } from '../support/cli.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const SERVERS = {
  talks: fixtureServer(fixture('talks-back'), { env: { VALUE: '${VALUE:-none}' } }),
  noisy: fixtureServer(fixture('noisy-stdout'), { env: { SECRET_VALUE: 'x' } }),
};
const MiB = 1024 * 1024;
const HUGE = { timeout: 120_000 };

const sessionsOf = async (project: TestProject) => (await project.server('talks')).sessions;

describe('a client on stdio', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = new TestProject({ servers: SERVERS });
    await project.ok('up');
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('calls tools with no token in its config, and ends its session when it goes', async () => {
    const bridged = await bridgeTo(project, 'talks');
    expect(await bridged.text('echo', { value: 'grüße' })).toBe('grüße');
    expect(await sessionsOf(project)).toBe(1);
    await bridged.client.close();
    expect(isAlive(bridged.pid)).toBe(false);
    expect(await sessionsOf(project)).toBe(0);
    expect(bridged.notes()).toBe('');
  });

  test.each([1, 10])('sends and gets messages of %i MiB, to the byte', async (size) => {
    await using bridged = await bridgeTo(project, 'talks');
    // Characters of one to four bytes, and what JSON must escape.
    const piece = 'a"\\\n\u{1F600}é€';
    const times = Math.floor((size * MiB) / Buffer.byteLength(JSON.stringify(piece)));
    const value = piece.repeat(times);
    expect(await bridged.text('length', { value })).toBe(`${Buffer.byteLength(value)}`);
    const answer = await bridged.text('repeat', { value: piece, times });
    expect(answer === value).toBe(true);
  });

  test('a message over the limit gets an error that says so, and the next one its answer', async () => {
    await using bridged = await bridgeTo(project, 'talks');
    const call = bridged.text('length', { value: 'x'.repeat(20 * MiB) });
    await expect(call).rejects.toThrow(/larger than 16777216 bytes/);
    expect(await bridged.text('echo', { value: 'still here' })).toBe('still here');
  });

  test('50 calls at once each get their own answer', async () => {
    await using bridged = await bridgeTo(project, 'talks');
    const nonces = Array.from({ length: 50 }, (_, index) => `${index}-${Math.random()}`);
    const answers = await Promise.all(nonces.map((value) => bridged.text('echo', { value })));
    expect(answers).toEqual(nonces);
  });

  test('is asked by the server, whose ids begin at 0, and answers', async () => {
    await using bridged = await bridgeTo(
      project,
      'talks',
      { capabilities: { sampling: {} } },
      (client) =>
        void client.setRequestHandler('sampling/createMessage', ({ params }) => ({
          model: 'none',
          role: 'assistant',
          content: { type: 'text', text: `${params.maxTokens} tokens` },
        })),
    );
    const params = { messages: [], maxTokens: 7 };
    const answer = await bridged.text('ask', { method: 'sampling/createMessage', params });
    expect(answer).toContain('7 tokens');
  });

  test('gets progress before the answer, and notifications that belong to no call', async () => {
    const logged: unknown[] = [];
    let listChanges = 0;
    await using bridged = await bridgeTo(project, 'talks', {}, (client) => {
      client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
      client.setNotificationHandler('notifications/tools/list_changed', () => {
        listChanges += 1;
      });
    });
    const steps: number[] = [];
    const file = project.path('seen');
    const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
    const call = bridged.client.callTool({ name: 'steps', arguments: { count: 20, file } }, { onprogress });
    await until('all steps are seen', () => steps.length === 20);
    project.write('seen', '');
    await call;
    expect(steps).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));

    const params = { level: 'info', data: 'hello' };
    await bridged.text('say', { method: 'notifications/message', params });
    await bridged.text('say', { method: 'notifications/tools/list_changed' });
    await until('both have come', () => logged.length === 1 && listChanges === 1);
  });

  test('takes a call back', async () => {
    await using bridged = await bridgeTo(project, 'talks');
    const file = project.path('never');
    const controller = new AbortController();
    const call = bridged.client.callTool(
      { name: 'await', arguments: { file } },
      { signal: controller.signal },
    );
    await until('the server works on it', () => existsSync(`${file}.begun`));
    expect((await project.server('talks')).calls).toBe(1);
    controller.abort();
    await expect(call).rejects.toThrow();
    await project.serverWhere('talks', 'without calls', ({ calls }) => calls === 0);
    expect(await bridged.text('echo', { value: 'on' })).toBe('on');
    project.write('never', '');
  });

  test(
    'reads slowly, and everything arrives',
    async () => {
      const bridge = startBridge(project, ['talks']);
      bridge.say(GREETING);
      bridge.process.stdout?.pause();
      const call = (id: number) => ({
        id,
        method: 'tools/call',
        params: { name: 'repeat', arguments: { value: `${id}`, times: 3 * MiB } },
      });
      const ids = [2, 3, 4, 5, 6, 7, 8, 9];
      for (const id of ids) bridge.say(call(id));
      await until('the server is done with all', async () => {
        const { calls, sessions } = await project.server('talks');
        return sessions === 1 && calls === 0;
      });
      // It does not stop reading because nobody reads what it writes.
      bridge.say({
        id: 10,
        method: 'tools/call',
        params: { name: 'await', arguments: { file: project.path('slow') } },
      });
      await until('a later call gets through', () => existsSync(project.path('slow.begun')));
      project.write('slow', '');
      bridge.process.stdout?.resume();
      await until('all answers', () => bridge.lines().length === 10);
      const answers = new Map(
        bridge.lines().map((line) => [JSON.parse(line).id, JSON.parse(line).result.content?.[0].text]),
      );
      for (const id of ids) expect(answers.get(id) === `${id}`.repeat(3 * MiB)).toBe(true);
      bridge.process.stdin?.end();
      expect(await bridge.code).toBe(0);
    },
    HUGE.timeout,
  );

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it in good order', async (signal) => {
    const bridge = startBridge(project, ['talks']);
    bridge.say(GREETING);
    await until('the greeting is answered', () => bridge.lines().length === 1);
    bridge.process.kill(signal);
    expect(await bridge.code).toBe(0);
    expect(await sessionsOf(project)).toBe(0);
  });

  test('what was asked before the end of stdin is answered, however long that takes', async () => {
    const bridge = startBridge(project, ['talks']);
    bridge.say(GREETING);
    const file = project.path('late');
    bridge.say({ id: 'late', method: 'tools/call', params: { name: 'await', arguments: { file } } });
    await until('the call is with the server', () => existsSync(`${file}.begun`));
    bridge.process.stdin?.end();
    // Nothing tells how long is long: more than a client waits before it sends signals.
    await sleep(2_500);
    project.write('late', '');
    expect(await bridge.code).toBe(0);
    const ids = bridge.lines().map((line) => (JSON.parse(line) as { id?: unknown }).id);
    expect(ids).toContain('late');
  });

  test('killed with -9, leaves no bridge and no session', async () => {
    const script = `${REPO}/test/fixtures/clients/stays.mjs`;
    const client = spawn(process.execPath, [script, process.execPath, CLI, 'connect', 'talks'], {
      cwd: project.dir,
      env: project.shell,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(client.stdout, 'data')) as [Buffer];
    const bridge = Number(line.toString());
    expect(await sessionsOf(project)).toBe(1);
    client.kill('SIGKILL');
    await until('the bridge has ended', () => !isAlive(bridge));
    expect(await sessionsOf(project)).toBe(0);
  });

  test('nothing but JSON-RPC messages is on stdout, also with a server that prints to its own', async () => {
    const bridge = startBridge(project, ['noisy']);
    bridge.say(GREETING);
    bridge.process.stdin?.write('this is no message\n\n');
    bridge.say({ id: 2, method: 'ping' });
    bridge.say({ id: 3, method: 'tools/list' });
    bridge.process.stdin?.write(
      '[{"jsonrpc":"2.0","id":4,"method":"ping"},{"jsonrpc":"2.0","id":5,"method":"no/such"}]\n',
    );
    bridge.process.stdin?.end();
    expect(await bridge.code).toBe(0);
    const messages = bridge.lines().map((text) => JSON.parse(text));
    expect(messages.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
    expect(messages.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5, null]);
    expect(messages.find(({ id }) => id === null)).toMatchObject({ error: { code: -32700 } });
  });

  test('an unknown server is exit 3 and names the known ones; nothing is on stdout', async () => {
    const { code, stdout, stderr } = await project.cli('connect', 'talk');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/no server called talk\n.*talks, noisy/);
    expect(await project.cli('connect')).toMatchObject({ code: 2, stdout: '' });
    expect(await project.cli('connect', 'talks', '--json')).toMatchObject({ code: 2, stdout: '' });
  });

  test('loads nothing that only the supervisor needs', async () => {
    const list = project.path('loads');
    const trace = `${REPO}/test/fixtures/notes-loads.mjs`;
    const bridge = startBridge(project, ['talks'], { LOADS: list, NODE_OPTIONS: `--import=${trace}` });
    bridge.say(GREETING);
    bridge.process.stdin?.end();
    expect(await bridge.code).toBe(0);
    const loaded = project.read('loads');
    expect(loaded).toContain('/dist/connect/bridge.js');
    const packages = loaded.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g);
    expect([...new Set([...packages].map(([, name]) => name))]).toEqual(['commander']);
  });

  test('--config names the project from anywhere', async () => {
    const bridge = startBridge(project, ['talks', '--config', project.path('ecosystem.config.json')]);
    bridge.say(GREETING);
    bridge.process.stdin?.end();
    expect(await bridge.code).toBe(0);
    expect(bridge.lines()).toHaveLength(1);
  });
});

describe('the supervisor comes and goes', () => {
  test('two clients at once start it where none runs, with progress on stderr only', async () => {
    await using project = new TestProject({ servers: SERVERS });
    const connecting = [bridgeTo(project, 'talks'), bridgeTo(project, 'noisy')] as const;
    await using talks = await connecting[0];
    await using noisy = await connecting[1];
    expect(await talks.text('echo', { value: 'up' })).toBe('up');
    expect((await noisy.client.listTools()).tools).toHaveLength(1);
    expect(talks.notes() + noisy.notes()).toContain('starting it');
    expect(project.processes().filter(({ command }) => command.includes('talks-back'))).toHaveLength(1);
  });

  test('a config that cannot be used ends it with exit 2, and nothing is left running', async () => {
    await using project = new TestProject();
    project.write('ecosystem.config.json', '{ "servers": ');
    const { code, stdout, stderr } = await project.cli('connect', 'talks');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('ecosystem.config.json');
    expect(project.processes()).toEqual([]);
  });

  test('kill -9 of the supervisor: calls in flight are answered, the session goes on', async () => {
    await using project = new TestProject({ servers: SERVERS });
    await project.ok('up');
    let changes = 0;
    await using bridged = await bridgeTo(project, 'talks', {}, (client) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => {
        changes += 1;
      });
    });
    const pid = await bridged.text('pid');
    const file = project.path('go');
    // One whose answer has not begun yet, and one whose answer is a stream already.
    const waiting = bridged.text('await', { file });
    let steps = 0;
    const onprogress = () => {
      steps += 1;
    };
    const streaming = bridged.client.callTool(
      { name: 'steps', arguments: { count: 1, file } },
      { onprogress, timeout: 120_000 },
    );
    await until('the server works on both', () => existsSync(`${file}.begun`) && steps === 1);

    // What is asked while it is being killed has its answer too, from the same child.
    const answered: string[] = [];
    const callers = Array.from({ length: 4 }, async (_, caller) => {
      for (let round = 0; round < 50; round += 1) {
        answered.push(await bridged.text('echo', { value: `${caller}/${round}` }));
      }
    });
    for (let kills = 0; kills < 2; kills += 1) {
      const seen = answered.length;
      const victim = await until('the next supervisor', () => {
        const found = project.pidIn('supervisor.json');
        return isAlive(found) && found;
      });
      process.kill(victim, 'SIGKILL');
      await until('calls go on', () => answered.length > seen || answered.length === 200);
    }
    await Promise.all(callers);
    expect(new Set(answered).size).toBe(200);
    project.write('go', '');
    expect(await waiting).toBe(`${file} is there`);
    expect(await streaming).toMatchObject({ content: [{ text: 'done' }] });
    expect(await bridged.text('pid')).toBe(pid);
    expect(await sessionsOf(project)).toBe(1);
    // What belongs to no call still has its way to the client.
    await bridged.text('say', { method: 'notifications/tools/list_changed' });
    await until('it was notified', () => changes === 1);
  });

  test('down and up: a call meanwhile waits; a session that was lost is begun again, with what was set', async () => {
    await using project = new TestProject({ servers: SERVERS });
    await project.ok('up');
    let changes = 0;
    await using bridged = await bridgeTo(project, 'talks', {}, (client) => {
      client.setNotificationHandler('notifications/tools/list_changed', () => {
        changes += 1;
      });
    });
    await bridged.client.setLoggingLevel('warning');
    await bridged.client.subscribeResource({ uri: 'file:///a' });
    await bridged.client.subscribeResource({ uri: 'file:///b' });
    await bridged.client.unsubscribeResource({ uri: 'file:///a' });

    await project.ok('down');
    const waiting = bridged.text('echo', { value: 'waited' });
    await until('the bridge says what it waits for', () => bridged.notes().includes('waiting'));
    rmSync(project.path('.mcp-supervisor/sessions.json'));
    // A token of its own for the new life of the project.
    rmSync(project.path('.mcp-supervisor/token'));
    await project.ok('up');
    expect(await waiting).toBe('waited');
    expect(bridged.notes()).toContain('is back');
    expect(await sessionsOf(project)).toBe(1);
    const settings = JSON.parse(await bridged.text('settings'));
    expect(settings).toEqual({ level: 'warning', subscriptions: ['file:///b'] });
    await until('it was told that lists may have changed', () => changes === 1);
    await bridged.text('say', { method: 'notifications/tools/list_changed' });
    await until('it listens in the new session', () => changes === 2);
  });

  test("kill -9 of pm2's daemon takes everything along: the bridge starts it again, but not after a down", async () => {
    await using project = new TestProject({ servers: SERVERS });
    await project.ok('up');
    await using bridged = await bridgeTo(project, 'talks');
    expect(await bridged.text('echo', { value: 'before' })).toBe('before');
    const before = ['supervisor.json', 'keeper.json'].map((file) => project.pidIn(file));
    process.kill(Number(project.read('.mcp-supervisor/pm2/pm2.pid')), 'SIGKILL');
    await until('the others have gone with it', () => !before.some(isAlive));
    expect(await bridged.text('echo', { value: 'after' })).toBe('after');
    await project.ok('down');
    const waiting = bridged.text('echo', { value: 'waited' });
    await until('the bridge says what it waits for', () => /waiting.*back.*waiting/s.test(bridged.notes()));
    expect(await project.status()).toMatchObject({ supervisor: null });
    await project.ok('up');
    expect(await waiting).toBe('waited');
  });

  test('a rotation in .env: the next call sees the new value, and none fails', async () => {
    await using project = new TestProject({ env: 'VALUE=one\n', servers: SERVERS });
    await project.ok('up');
    await using bridged = await bridgeTo(project, 'talks');
    expect(await bridged.text('env', { name: 'VALUE' })).toBe('one');
    project.write('.env', 'VALUE=two\n');
    const seen = new Set<string>();
    while (!seen.has('two')) seen.add(await bridged.text('env', { name: 'VALUE' }));
    expect([...seen]).toEqual(['one', 'two']);
    expect(bridged.notes()).toBe('');
  });

  test('a server that lacks something says what, as the answer to initialize', async () => {
    const blocked = fixtureServer(fixture('tiny'), { env: { KEY: '${NO_SUCH_KEY}' } });
    await using project = new TestProject({ servers: { blocked } });
    await project.ok('up');
    await expect(bridgeTo(project, 'blocked')).rejects.toThrow(/NO_SUCH_KEY/);
  });
});
