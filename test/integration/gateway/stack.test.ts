import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bridgeTo } from '../../support/bridge.ts';
import { fixture } from '../../support/cli.ts';
import { connect } from '../../support/mcp-client.ts';
import { fetchAll, type Message, posting, type Sending } from '../../support/mcp-http.ts';
import { fixtureServer, TestProject } from '../../support/project.ts';
import { until } from '../../support/until.ts';

const MiB = 1024 * 1024;
const PARAMS = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
const HELLO = { id: 1, method: 'initialize', params: PARAMS };

/** What a client sends, with this project's token. */
function sending(message: unknown, token: string, headers: Record<string, string> = {}): Sending {
  return posting(message, { authorization: `Bearer ${token}`, ...headers });
}

describe('the gateway of a running project', () => {
  let project: TestProject;
  let url: string;
  let token: string;
  beforeAll(async () => {
    const slow = { restart: { maxRestarts: 2, backoffMs: 50, minUptimeMs: 600_000 } };
    project = new TestProject({
      servers: {
        talks: fixtureServer(fixture('talks-back')),
        glues: fixtureServer(fixture('glues')),
        fragile: fixtureServer(fixture('talks-back'), slow),
      },
      gateway: { maxBodyBytes: 2 * MiB, sessionIdleMs: 1_000 },
    });
    await project.ok('up');
    ({ url, token } = await project.endpoint('talks'));
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test('refuses strangers: by host, by origin and by token, with no word of OAuth', async () => {
    const status = async (headers: Record<string, string>) =>
      (await fetchAll(url, sending(HELLO, token, headers))).status;
    expect(await status({})).toBe(200);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
    expect(await status({ 'x-padding': 'x'.repeat(20_000) })).toBe(431);
    for (const path of ['/.well-known/oauth-protected-resource', '/register']) {
      expect(await fetchAll(new URL(path, url).href)).toMatchObject({ status: 404, text: 'not found\n' });
    }
  });

  test('takes messages up to the limit of the config, and says 413 beyond', async () => {
    await using connection = await connect({ url, token });
    const value = 'x'.repeat(MiB);
    expect(await connection.text('length', { value })).toBe(`${MiB}`);
    const tooLarge = await fetchAll(url, sending({ ...HELLO, padding: 'x'.repeat(2 * MiB) }, token));
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.text).toContain(`${2 * MiB} bytes`);
  });

  test('a session that was idle for too long is 404, one whose client is there is not', async () => {
    const begun = await fetchAll(url, sending(HELLO, token));
    const headers = { 'mcp-session-id': `${begun.headers['mcp-session-id']}` };
    await using listening = await connect({ url, token });
    await project.serverWhere('talks', 'without the idle session', ({ sessions }) => sessions === 1);
    const late = await fetchAll(url, sending({ id: 2, method: 'ping' }, token, headers));
    expect(late).toMatchObject({ status: 404 });
    expect(JSON.parse(late.text)).toMatchObject({ error: { code: -32001 } });
    expect(await listening.text('echo', { value: 'still here' })).toBe('still here');
  });

  test('/healthz and /readyz are there', async () => {
    expect(await fetchAll(new URL('/healthz', url).href)).toMatchObject({ status: 200 });
    await until('all are ready', async () => {
      return (await fetchAll(new URL('/readyz', url).href)).status === 200;
    });
  });

  test('pitfall "a response glued to a noise prefix": it is a warning, and the answer arrives', async () => {
    await using connection = await connect(await project.endpoint('glues'));
    expect(await connection.text('echo', { n: 1 })).toBe('{"n":1}');
    expect(await connection.text('echo', { n: 2 })).toBe('{"n":2}');
    expect(await project.warning('stdout.noise')).toMatchObject({
      server: 'glues',
      message: expect.stringContaining('working...'),
    });
  });

  test('a crash is named with its exit to those whose calls it cut off; after a crash-loop nobody waits', async () => {
    await using connection = await connect(await project.endpoint('fragile'));
    const file = project.path('never');
    const inFlight = connection.text('await', { file });
    await until('the server works on it', () => existsSync(`${file}.begun`));
    const failed = connection.text('die', { code: 7 });
    await expect(inFlight).rejects.toThrow(/fragile exited with code 7 during this call/);
    await expect(failed).rejects.toThrow(/exited with code 7/);
    expect(await connection.text('echo', { value: 'again' })).toBe('again');
    // Until it is given up, each call waits for the next child, and kills it.
    let last = '';
    await until('it is given up', async () => {
      await connection.text('die', { code: 7 }).catch((error: Error) => {
        last = error.message;
      });
      return last.includes('given up');
    });
    expect(last).toMatch(/fragile was given up: exited with code 7/);
    await expect(connection.text('echo', { value: 'x' })).rejects.toThrow(/given up/);
    expect((await fetchAll(new URL('/readyz', url).href)).text).toBe('fragile\n');
  });
});

test('an address that others reach is refused without a token, and nothing is started', async () => {
  await using project = new TestProject();
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', 'localhost.example.com']) {
    project.configure({ talks: fixtureServer(fixture('talks-back')) }, { host, auth: 'none' });
    const { code, stderr } = await project.cli('up');
    expect({ host, code }).toEqual({ host, code: 2 });
    expect(stderr).toContain('gateway.auth');
  }
  expect(project.processes()).toEqual([]);
  project.configure({ talks: fixtureServer(fixture('talks-back')) }, { host: 'localhost', auth: 'none' });
  await project.ok('up');
  const { url } = await project.server('talks');
  const { headers = {}, ...rest } = posting(HELLO);
  const { authorization: _, ...without } = headers;
  const reply = await fetchAll(url, { ...rest, headers: without });
  expect(reply).toMatchObject({ status: 200 });
  expect(reply.messages).toMatchObject([
    { result: { serverInfo: { name: 'talks-back' } } } satisfies Message,
  ]);
  expect(existsSync(project.path('.mcp-supervisor/token'))).toBe(false);
});

test('all addresses with a token: reached from here, and by the bridge', async () => {
  await using project = new TestProject();
  project.configure({ talks: fixtureServer(fixture('talks-back')) }, { host: '0.0.0.0' });
  await project.ok('up');
  const { url, token } = await project.endpoint('talks');
  expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+\/talks\/mcp$/);
  const named = sending(HELLO, token, { host: 'mcp.example' });
  expect(await fetchAll(url.replace('0.0.0.0', '127.0.0.1'), named)).toMatchObject({ status: 200 });
  await using bridged = await bridgeTo(project, 'talks');
  expect(await bridged.text('echo', { value: 'here' })).toBe('here');
});

test('a port that is taken: the process that holds it is named, with its folder and what to change', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  try {
    await using project = new TestProject();
    project.configure({ talks: fixtureServer(fixture('talks-back')) }, { port });
    const { code, stderr } = await project.cli('up');
    expect(code).toBe(1);
    expect(stderr).toContain('gateway.port-taken');
    expect(stderr).toContain(`Port ${port} is held by process ${process.pid} (`);
    expect(stderr).toContain(process.cwd());
    expect(stderr).toContain('gateway: { port');
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});
