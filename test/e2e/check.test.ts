import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const GOOD = 'canary-good-credential';
const BAD = 'canary-bad-credential';

/** A service that takes the good credential, sends others on or away, and keeps what it was asked. */
async function startService(redirect?: string) {
  const asked: (string | undefined)[] = [];
  const service = createServer(({ headers, url }: IncomingMessage, response) => {
    asked.push(headers.authorization);
    if (url === '/elsewhere') response.writeHead(302, { location: redirect }).end();
    else if (headers.authorization === `Bearer ${GOOD}`)
      response.setHeader('x-oauth-scopes', 'repo, user').end();
    else response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => service.close(resolve));
    },
  };
}

const server = (url: string) => ({
  ...fixtureServer(fixture('tiny')),
  env: { KEY: '${KEY}' },
  check: { url, headers: { authorization: 'Bearer ${KEY}' } },
});

test('`check: { url, headers }` decides over a rotation of any server', async () => {
  await using service = await startService();
  await using project = new TestProject({ env: `KEY=${GOOD}\n`, servers: { any: server(service.url) } });
  await project.ok('up');
  const before = await project.server('any');
  expect(service.asked).toEqual([`Bearer ${GOOD}`]);
  expect(await project.ok('logs', 'supervisor')).toContain('accepted, with repo, user');

  project.write('.env', `KEY=${BAD}\n`);
  const kept = await project.serverWhere(
    'any',
    'kept',
    ({ lastReload }) => lastReload?.outcome === 'kept-old',
  );
  expect(kept).toMatchObject({ state: 'ready', pid: before.pid });
  expect(await project.warning('token.rejected')).toMatchObject({ server: 'any' });

  // No header can hold it, so that nobody can be asked: that is no reason to take it.
  project.write('.env', 'KEY=canary-mistyped\u2014credential\n');
  await project.serverWhere('any', 'kept', ({ detail }) => detail?.includes('no header can') === true);
  expect(await project.server('any')).toMatchObject({ state: 'ready', pid: before.pid });
  expect(service.asked).toEqual([`Bearer ${GOOD}`, `Bearer ${BAD}`]);
});

test('a check follows no redirect: the credential is for the host that was named', async () => {
  await using other = await startService();
  await using service = await startService(other.url);
  await using project = new TestProject({
    env: `KEY=${GOOD}\n`,
    servers: { any: server(`${service.url}/elsewhere`) },
  });
  const { code, stdout } = await project.cli('check');
  expect(code).toBe(1);
  expect(stdout).toContain('unknown: it was answered with HTTP 302');
  expect(service.asked).toHaveLength(1);
  expect(other.asked).toEqual([]);
});

test('`check` may be a function, which is called with the environment of the server', async () => {
  await using project = new TestProject({ env: `KEY=${GOOD}\n` });
  project.write(
    'ecosystem.config.ts',
    `import { defineConfig } from 'mcp-supervisor';
    const tiny = ${JSON.stringify(fixtureServer(fixture('tiny')))};
    export default defineConfig({ gateway: { port: 0 }, servers: {
      asks: { ...tiny, env: { KEY: '\${KEY}' }, check: async ({ env }) =>
        env['KEY'] === '${GOOD}' ? { verdict: 'accepted', scopes: ['all'] } : { verdict: 'rejected', detail: 'not ' + env['KEY'] } },
      throws: { ...tiny, check: () => { throw new Error('no way'); } },
      silent: { ...tiny, check: () => new Promise(() => {}) as never },
    } });\n`,
  );
  const asked = JSON.parse((await project.cli('check', 'asks', 'throws', '--json')).stdout);
  expect(asked).toMatchObject([
    { server: 'asks', ok: true, verdict: { kind: 'accepted', scopes: ['all'] } },
    { server: 'throws', ok: false, verdict: { kind: 'unknown', detail: expect.stringContaining('no way') } },
  ]);
  await project.ok('up');
  project.write('.env', `KEY=${BAD}\n`);
  const kept = await project.serverWhere(
    'asks',
    'kept',
    ({ lastReload }) => lastReload?.outcome === 'kept-old',
  );
  expect(kept.lastReload?.credentials?.verdict).toBe('rejected');
  expect(kept.detail).not.toContain(BAD);
});

test('many servers with a `check` function: the config is loaded once for all of them, and stderr is its own', async () => {
  await using project = new TestProject({});
  const names = Array.from({ length: 26 }, (_, index) => `s${index}`);
  project.write(
    'ecosystem.config.ts',
    `import { defineConfig } from 'mcp-supervisor';
    console.log('loading');
    const tiny = ${JSON.stringify(fixtureServer(fixture('tiny')))};
    const check = () => { console.log('asked'); return { verdict: 'accepted' }; };
    const names = ${JSON.stringify(names)};
    export default defineConfig({ gateway: { port: 0 },
      servers: Object.fromEntries(names.map((name) => [name, { ...tiny, check }])) });\n`,
  );
  const { code, stdout, stderr } = await project.cli('check', '--json');
  // What a config prints is no result of ours.
  const reports = JSON.parse(stdout) as { server: string; ok: boolean }[];
  expect(reports.map(({ server, ok }) => [server, ok])).toEqual(names.map((name) => [name, true]));
  expect(code).toBe(0);
  const lines = stderr.trim().split('\n');
  expect(lines.filter((line) => line === 'loading')).toHaveLength(2);
  expect(lines.filter((line) => line !== 'loading')).toEqual(names.map(() => 'asked'));
});
