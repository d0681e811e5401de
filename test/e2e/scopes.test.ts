import { expect, test } from 'vitest';
import type { Warning } from '../../src/model.ts';
import { TestProject } from '../support/project.ts';
import { installSentry, type SentryApi, startSentryApi } from '../support/sentry-api.ts';
import { until } from '../support/until.ts';

/** With a language model's key, which is not what these are about. */
const envWith = (token: string) => `SENTRY_AUTH_TOKEN=${token}\nOPENAI_API_KEY=canary-model-key\n`;

function projectFor(api: SentryApi, token: string, options: Record<string, unknown> = {}): TestProject {
  const project = new TestProject({
    env: envWith(token),
    servers: { sentry: { preset: 'sentry', host: api.host, insecureHttp: true, ...options } },
  });
  installSentry(project, '@sentry/mcp-server');
  return project;
}

const about = (warnings: readonly Warning[]) =>
  warnings.map(({ code, severity, subject }) => `${severity} ${code} ${subject}`.trim()).sort();

const READ = ['event:read', 'org:read', 'project:read', 'team:read'];
const lacks = (severity: string, ...scopes: string[]) =>
  scopes.map((scope) => `${severity} scope.token-missing ${scope}`);

/** Each with what `up` is to say about it, and nothing else. */
const TOKENS: Readonly<Record<string, readonly [token: string, expected: readonly string[]]>> = {
  full: ['sntryu_full_aaaaaaaaaaaaaaaaaaaa', []],
  readonly: [
    'sntryu_readonly_aaaaaaaaaaaaaaaaaaaa',
    [...lacks('info', 'team:write'), ...lacks('warning', 'event:write', 'project:write')],
  ],
  'plus-one': [
    'sntryu_scopes_event-write_aaaaaaaaaaaaaaaaaaaa',
    [...lacks('info', 'team:write'), ...lacks('warning', 'project:write')],
  ],
  none: [
    'sntryu_noscopes_aaaaaaaaaaaaaaaaaaaa',
    [...lacks('info', 'team:write'), ...lacks('warning', ...READ, 'event:write', 'project:write').sort()],
  ],
  revoked: ['sntryu_revoked_aaaaaaaaaaaaaaaaaaaa', ['error token.rejected SENTRY_AUTH_TOKEN']],
  expired: ['sntryu_expired_aaaaaaaaaaaaaaaaaaaa', ['error token.rejected SENTRY_AUTH_TOKEN']],
  organization: ['sntrys_aaaaaaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaa', []],
};

test('what each kind of token cannot do, `up` says, and nothing else', async () => {
  await using api = await startSentryApi();
  const server = (name: string) => ({
    preset: 'sentry',
    host: api.host,
    insecureHttp: true,
    envFiles: [`${name}.env`],
  });
  const names = Object.keys(TOKENS);
  await using project = new TestProject({
    servers: Object.fromEntries(names.map((name) => [name, server(name)])),
  });
  installSentry(project, '@sentry/mcp-server');
  for (const [name, [token]] of Object.entries(TOKENS)) project.write(`${name}.env`, envWith(token));
  const { stdout } = await project.cli('up');
  expect(stdout).toContain('scope.token-missing');
  const warnings = await project.warnings();
  const found = names.map((name) => [name, about(warnings.filter(({ server }) => server === name))]);
  expect(found).toEqual(names.map((name) => [name, TOKENS[name]?.[1]]));
  // Each was asked about once, and with its own token.
  expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(names.map(() => 'GET /api/0/'));
  expect(api.requests.map(({ token }) => token).sort()).toEqual(
    Object.values(TOKENS)
      .map(([token]) => token)
      .sort(),
  );
});

test('a rotation to a token with other scopes: who gains and loses what, in status and log', async () => {
  await using api = await startSentryApi();
  await using project = projectFor(api, 'sntryu_scopes_project-write_aaaaaaaaaaaaaaaaaaaa', {
    addScopes: ['event:write', 'project:write', 'team:write'],
  });
  await project.ok('up');
  expect((await project.warning('scope.token-missing')).hint).toContain(`at http://${api.host}/settings/`);

  project.write('.env', envWith('sntryu_scopes_event-write_team-write_bbbbbbbbbbbbbbbbbbbb'));
  const row = await project.serverWhere('sentry', 'replaced', ({ generation }) => generation === 2);
  expect(row.lastReload).toMatchObject({
    outcome: 'replaced',
    credentials: { verdict: 'accepted', gained: ['event:write', 'team:write'], lost: ['project:write'] },
  });
  const words = 'token rotated: accepted, gained event:write, team:write, lost project:write';
  expect(await project.ok('status')).toContain(words);
  expect(await project.ok('logs', 'supervisor')).toContain(words);
  expect(about(await project.warnings())).toEqual(lacks('warning', 'project:write'));
});

test('a rotation to a token that is rejected: the old one goes on, and each save tries again', async () => {
  await using api = await startSentryApi();
  await using project = projectFor(api, 'sntryu_full_aaaaaaaaaaaaaaaaaaaa');
  await project.ok('up');
  const before = await project.server('sentry');

  project.write('.env', envWith('sntryu_revoked_bbbbbbbbbbbbbbbbbbbb'));
  const kept = await project.serverWhere(
    'sentry',
    'kept',
    ({ lastReload }) => lastReload?.outcome === 'kept-old',
  );
  expect(kept).toMatchObject({ state: 'ready', pid: before.pid, generation: before.generation });
  expect(kept.lastReload?.credentials).toMatchObject({ verdict: 'rejected', detail: 'Invalid token' });
  const warning = await project.warning('token.rejected');
  expect(warning.message).toContain('The old generation keeps serving');

  project.write('.env', `${envWith('sntryu_revoked_bbbbbbbbbbbbbbbbbbbb')}# saved again\n`);
  await until('it is asked about again', async () => (await project.warning('token.rejected')).count === 2);

  // Back to the one that is in use: nothing to do, nothing to warn of.
  project.write('.env', envWith('sntryu_full_aaaaaaaaaaaaaaaaaaaa'));
  await until('it is over', async () => (await project.warnings()).length === 0);
  expect(await project.server('sentry')).toMatchObject({ pid: before.pid, detail: null });

  project.write('.env', envWith('sntryu_full_cccccccccccccccccccc'));
  await project.serverWhere('sentry', 'replaced', ({ lastReload }) => lastReload?.outcome === 'replaced');
  expect(await project.warnings()).toEqual([]);
});

test.each([
  ['an em dash', '\u2014'],
  ['a control byte', '\u0001'],
])('a rotation to a token with %s in it: nobody is asked, and the old one goes on', async (_what, flaw) => {
  await using api = await startSentryApi();
  await using project = projectFor(api, 'sntryu_full_aaaaaaaaaaaaaaaaaaaa');
  await project.ok('up');
  const before = await project.server('sentry');

  project.write('.env', envWith(`sntryu_full_mistyped${flaw}bbbbbbbb`));
  const kept = await project.serverWhere(
    'sentry',
    'kept',
    ({ lastReload }) => lastReload?.outcome === 'kept-old',
  );
  expect(kept).toMatchObject({ state: 'ready', pid: before.pid, generation: before.generation });
  expect(kept.lastReload?.credentials).toMatchObject({
    verdict: 'rejected',
    detail: expect.stringContaining('a character that no token has'),
  });
  const warning = await project.warning('token.rejected');
  expect(warning.message).toContain('The old generation keeps serving');
  const said = JSON.stringify([kept, warning]) + (await project.ok('logs', 'supervisor'));
  expect(said).not.toContain('bbbbbbbb');

  project.write('.env', envWith('sntryu_full_cccccccccccccccccccc'));
  await project.serverWhere('sentry', 'replaced', ({ lastReload }) => lastReload?.outcome === 'replaced');
  expect(await project.warnings()).toEqual([]);
  const asked = api.requests.map(({ token }) => token);
  expect(asked).toEqual(['sntryu_full_aaaaaaaaaaaaaaaaaaaa', 'sntryu_full_cccccccccccccccccccc']);
});

test('nobody answers: the rotation goes through, since unknown is not rejected', async () => {
  const api = await startSentryApi();
  await using project = projectFor(api, 'sntryu_full_aaaaaaaaaaaaaaaaaaaa');
  await project.ok('up');
  await api[Symbol.asyncDispose]();
  project.write('.env', envWith('sntryu_readonly_bbbbbbbbbbbbbbbbbbbb'));
  const row = await project.serverWhere('sentry', 'replaced', ({ generation }) => generation === 2);
  expect(row.lastReload?.credentials).toMatchObject({ verdict: 'unknown', gained: [], lost: [] });
  expect(await project.warnings()).toEqual([]);
});

test('`check` asks with and without a daemon, and tries a token that is not saved yet', async () => {
  await using api = await startSentryApi();
  await using project = projectFor(api, 'sntryu_readonly_aaaaaaaaaaaaaaaaaaaa', { organizationSlug: 'acme' });
  const cold = await project.cli('check');
  expect(cold.code).toBe(1);
  expect(cold.stdout).toContain('user token');
  expect(cold.stdout).toContain('accepted, with event:read, org:read, project:read, team:read');
  expect(cold.stdout).toMatch(/update_issue: the token lacks event:write/);
  expect(cold.stdout).toMatch(/find_organizations: there is one organization only/);
  expect(cold.stdout).toMatch(/analyze_issue_with_seer: needs the skill seer/);
  expect(project.processes()).toEqual([]);

  const better = await project.given(
    'sntryu_full_bbbbbbbbbbbbbbbbbbbb\n',
    'check',
    'sentry',
    '--token-from-stdin',
    '--json',
  );
  expect(better.code).toBe(0);
  expect(JSON.parse(better.stdout)).toMatchObject([{ server: 'sentry', ok: true, findings: [] }]);
  expect(api.requests.at(-1)?.token).toBe('sntryu_full_bbbbbbbbbbbbbbbbbbbb');
});

test('`check --token-from-stdin` takes what people paste, and sends nothing else', async () => {
  await using api = await startSentryApi();
  const saved = 'sntryu_readonly_aaaaaaaaaaaaaaaaaaaa';
  await using project = projectFor(api, saved);
  const token = 'sntryu_full_bbbbbbbbbbbbbbbbbbbb';
  const tried = (input: string, ...args: string[]) =>
    project.given(input, 'check', 'sentry', '--token-from-stdin', ...args);

  for (const pasted of [
    `"${token}"\n`,
    `SENTRY_AUTH_TOKEN=${token}\n`,
    `export SENTRY_AUTH_TOKEN='${token}'`,
  ]) {
    expect(await tried(pasted)).toMatchObject({ code: 0, stderr: '' });
  }
  expect(await tried(`SENTRY_AUTH_TOKEN=${token}`, '--variable', 'SENTRY_AUTH_TOKEN')).toMatchObject({
    code: 0,
  });
  expect(api.requests.map((request) => request.token)).toEqual([token, token, token, token]);

  const refused = async (expected: RegExp, input: string, ...args: string[]) => {
    const { code, stdout, stderr } = await tried(input, ...args);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  };
  const takenFrom = /takes its token from (\w+)\n.*\(SENTRY_AUTH_TOKEN\) with --variable/;
  await refused(takenFrom, token, '--variable', 'OTHER');
  await refused(takenFrom, `OTHER=${token}`);
  // It stands in the shade of the other one, also in the env file.
  await refused(takenFrom, `SENTRY_ACCESS_TOKEN=${token}`);
  await refused(takenFrom, 'OPENAI_API_KEY=canary-other-key');
  await refused(/another variable than --variable/, `SENTRY_AUTH_TOKEN=${token}`, '--variable', 'OTHER');
  await refused(/no token on stdin/, '');
  await refused(/more than one line/, `${token}\n${token}\n`);
  await refused(/more than 16 KiB/, 'x'.repeat(3 * 1024 * 1024));
  expect(await project.cli('check', '--variable', 'OTHER')).toMatchObject({ code: 2 });
  expect(api.requests).toHaveLength(4);
});

test('`check --token-from-stdin` takes the line of the variable that holds the token, and no other', async () => {
  await using api = await startSentryApi();
  const saved = 'sntryu_readonly_aaaaaaaaaaaaaaaaaaaa';
  await using project = projectFor(api, saved, { host: undefined });
  const env = [`SENTRY_HOST=${api.host}`, `SENTRY_ACCESS_TOKEN=${saved}`, 'OPENAI_API_KEY=canary-model-key'];
  project.write('.env', `${env.join('\n')}\n`);
  const pasted = 'SENTRY_ACCESS_TOKEN=sntryu_full_bbbbbbbbbbbbbbbbbbbb\n';
  expect(await project.given(pasted, 'check', '--token-from-stdin')).toMatchObject({ code: 0 });
  expect(api.requests.map(({ token }) => token)).toEqual(['sntryu_full_bbbbbbbbbbbbbbbbbbbb']);

  // Another host would be sent the token that is saved.
  await using other = await startSentryApi();
  const host = await project.given(`SENTRY_HOST=${other.host}\n`, 'check', '--token-from-stdin');
  expect(host).toMatchObject({ code: 2, stderr: expect.stringContaining('(SENTRY_ACCESS_TOKEN)') });
  expect(other.requests).toEqual([]);
});
