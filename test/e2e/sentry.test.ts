import { expect, test } from 'vitest';
import { REPO } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { TestProject } from '../support/project.ts';
import { installSentry, startSentryApi } from '../support/sentry-api.ts';
import { until } from '../support/until.ts';

const FULL_A = 'sntryu_full_aaaaaaaaaaaaaaaaaaaa';
const FULL_B = 'sntryu_full_bbbbbbbbbbbbbbbbbbbb';
const everything = { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'], cwd: REPO };
/** Where no fake API is meant, nobody is to be asked about the token. */
const sentry = (options: Record<string, unknown> = {}) => ({
  preset: 'sentry',
  check: 'host' in options,
  ...options,
});

test('0.18.0 without the scopes: one warning that names the tools; adding the scopes resolves it', async () => {
  await using project = new TestProject({
    env: `SENTRY_AUTH_TOKEN=${FULL_A}\n`,
    servers: { sentry: sentry({ addScopes: [] }) },
  });
  installSentry(project, 'sentry-mcp-0.18');
  await project.ok('up');
  const warning = await project.warning('scope.flag-missing');
  expect(warning).toMatchObject({ server: 'sentry', state: 'active' });
  for (const tool of ['update_issue', 'create_team', 'create_project', 'update_project', 'create_dsn']) {
    expect(warning.message).toContain(tool);
  }
  expect(warning.hint).toContain('addScopes');
  expect((await project.warnings()).filter(({ code }) => code === 'scope.flag-missing')).toHaveLength(1);
  expect(await project.ok('status')).toContain('scope.flag-missing');
  await until('the log tells it whole', async () => {
    const told = (await project.ok('logs', 'supervisor'))
      .split('\n')
      .filter((line) => line.includes('scope.flag-missing:'));
    return told.length === 1 && told[0]?.includes('create_dsn') && told[0].includes('update_issue');
  });

  project.configure({ sentry: sentry({ addScopes: ['event:write', 'project:write', 'team:write'] }) });
  await project.serverWhere(
    'sentry',
    'reloaded',
    (row) => row.state === 'ready' && row.tools.includes('update_issue'),
  );
  const flagMissing = async (...args: string[]) =>
    (await project.warnings(...args)).filter(({ code }) => code === 'scope.flag-missing');
  await until('it is resolved', async () => (await flagMissing()).length === 0);
  expect(await flagMissing('--all')).toMatchObject([{ state: 'resolved' }]);
});

test('0.39.0: a rotated token reaches Sentry with the next call of the same session; nobody else restarts', async () => {
  await using api = await startSentryApi();
  await using project = new TestProject({
    env: `SENTRY_AUTH_TOKEN=${FULL_A}\n`,
    servers: { sentry: sentry({ host: api.host, insecureHttp: true }), everything },
  });
  installSentry(project, '@sentry/mcp-server');
  await project.ok('up');
  const before = await project.status();
  expect(before.servers.map(({ state }) => state)).toEqual(['ready', 'ready']);
  const [, other] = before.servers;

  await using session = await connect(await project.endpoint('sentry'));
  const whoami = () => session.text('execute_sentry_tool', { name: 'whoami', arguments: {} });
  expect(await whoami()).toContain('test@example.com');
  expect(api.requests.at(-1)).toMatchObject({ token: FULL_A, status: 200 });

  project.write('.env', `SENTRY_AUTH_TOKEN=${FULL_B}\n`);
  const row = await project.serverWhere(
    'sentry',
    'reloaded',
    ({ state, generation }) => state === 'ready' && generation === 2,
  );
  expect(row.lastReload).toMatchObject({ changedKeys: ['SENTRY_AUTH_TOKEN'], outcome: 'replaced' });
  expect(await whoami()).toContain('test@example.com');
  expect(api.requests.at(-1)).toMatchObject({ token: FULL_B, status: 200 });
  expect((await project.server('everything')).pid).toBe(other?.pid);
});

test('0.39.0 is started with the skills that follow from the scopes, and read-only where none are asked for', async () => {
  await using project = new TestProject({
    env: `SENTRY_ACCESS_TOKEN=${FULL_A}\n`,
    servers: { writes: sentry(), reads: sentry({ addScopes: [] }) },
  });
  installSentry(project, '@sentry/mcp-server');
  await project.ok('up');
  const [writes, reads] = [await project.server('writes'), await project.server('reads')];
  expect(writes.tools).toContain('update_issue');
  expect(reads.tools).not.toContain('update_issue');
  expect(reads.tools).toContain('search_issues');
  const commands = project.processes().map(({ command }) => command);
  expect(commands.some((command) => command.includes('--skills'))).toBe(true);
  expect(commands.join('\n')).not.toContain('sntryu_');
});
