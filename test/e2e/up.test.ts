import { readFileSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture, REPO } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

test('a fresh clone: everything is ready, sentry says which line it needs, and comes up once it is there', async () => {
  await using project = new TestProject();
  // On a port of its own: the clone that this is tested in may be running.
  const config = readFileSync(`${REPO}/ecosystem.config.ts`, 'utf8');
  project.write('ecosystem.config.ts', config.replace('servers: {', 'gateway: { port: 0 },\n  servers: {'));
  symlinkSync(`${REPO}/node_modules`, project.path('node_modules'));

  const up = await project.cli('up');
  expect(up).toMatchObject({ code: 0 });
  expect(up.stdout).toContain('SENTRY_AUTH_TOKEN=');
  expect(await project.server('everything')).toMatchObject({ state: 'ready', generation: 1, restarts: 0 });
  expect((await project.server('everything')).tools).toContain('echo');
  expect(await project.server('sentry')).toMatchObject({ state: 'blocked', pid: null, tools: [] });
  expect(await project.warnings()).toMatchObject([{ code: 'token.missing', server: 'sentry' }]);

  const { pid } = await project.server('everything');
  // Nobody is there to ask about the token, which is no reason not to start.
  project.write('.env', 'SENTRY_AUTH_TOKEN=sntryu_full_aaaaaaaaaaaaaaaaaaaa\nSENTRY_HOST=127.0.0.1:9\n');
  const sentry = await project.ready('sentry');
  expect(sentry.tools).toContain('search_issues');
  expect((await project.server('everything')).pid).toBe(pid);
  expect((await project.warnings()).map(({ code }) => code)).not.toContain('token.missing');
});

test('up is idempotent, names what it would do, and takes servers one by one', async () => {
  const servers = { a: fixtureServer(fixture('tiny')), b: fixtureServer(fixture('tiny')) };
  await using project = new TestProject({ servers });

  expect(await project.ok('up', '--dry-run')).toMatch(/start.*a[\s\S]*start.*b/);
  expect(project.processes()).toEqual([]);

  await project.ok('up', 'a');
  expect(await project.server('a')).toMatchObject({ state: 'ready' });
  expect(await project.server('b')).toMatchObject({ state: 'stopped' });
  await project.ok('up');
  const before = await project.status();
  expect(before.servers.map(({ state }) => state)).toEqual(['ready', 'ready']);

  await project.ok('up');
  const after = await project.status();
  expect(after.supervisor?.pid).toBe(before.supervisor?.pid);
  expect(after.servers.map(({ pid }) => pid)).toEqual(before.servers.map(({ pid }) => pid));
});

test('three ups at once make one daemon and one child', async () => {
  await using project = new TestProject({ servers: { tiny: fixtureServer(fixture('tiny')) } });
  const ups = await Promise.all([project.cli('up'), project.cli('up'), project.cli('up')]);
  expect(ups.map(({ code }) => code)).toEqual([0, 0, 0]);
  const children = project.processes().filter(({ command }) => command.includes('tiny.mjs'));
  const daemons = project.processes().filter(({ command }) => command.includes('God Daemon'));
  expect([children.length, daemons.length]).toEqual([1, 1]);
});

test('a server that dies, hangs or cannot be started is named with its last words, and the others run', async () => {
  await using project = new TestProject({
    env: 'SECRET=canary-in-last-words\n',
    servers: {
      fine: fixtureServer(fixture('tiny')),
      dies: fixtureServer(fixture('crashes-on-start'), { restart: { maxRestarts: 2, backoffMs: 10 } }),
      hangs: fixtureServer(fixture('never-answers'), {
        startTimeoutMs: 500,
        env: { SECRET: '${SECRET}' },
        restart: { maxRestarts: 1, backoffMs: 10 },
      }),
      missing: { command: './no-such-program' },
    },
  });
  const up = await project.cli('up');
  expect(up.code).toBe(1);
  expect(await project.server('fine')).toMatchObject({ state: 'ready' });
  const dies = await project.server('dies');
  expect(dies).toMatchObject({ state: 'crashed', pid: null });
  expect(dies.detail).toMatch(/exited with code 3.*cannot open the database/);
  const hangs = await project.serverWhere(
    'hangs',
    'given up',
    ({ detail }) => detail?.includes('given up') ?? false,
  );
  expect(hangs.detail).toContain('waiting for a backend that never comes');
  expect((await project.server('missing')).detail).toContain('no-such-program');
  const loops = (await project.warnings()).filter(({ code }) => code === 'server.crash-loop');
  expect(loops.map(({ server }) => server).sort()).toEqual(['dies', 'hangs', 'missing']);
});

test('a path so long that sockets would not fit still works', async () => {
  const below = `${'a-long-folder-name/'.repeat(9)}project`;
  await using project = new TestProject({ below, servers: { tiny: fixtureServer(fixture('tiny')) } });
  await project.ok('up');
  expect(await project.server('tiny')).toMatchObject({ state: 'ready' });
});

test('two projects do not know of each other', async () => {
  const servers = { tiny: fixtureServer(fixture('tiny')) };
  await using one = new TestProject({ servers });
  await using two = new TestProject({ servers });
  await Promise.all([one.ok('up'), two.ok('up')]);
  const before = await two.server('tiny');
  await one.ok('down');
  expect(one.processes()).toEqual([]);
  expect(await two.server('tiny')).toMatchObject({ state: 'ready', pid: before.pid });
});
