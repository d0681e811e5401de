import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { argumentsOf, isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** Is started with the flags of the real one, which `ps` shows. */
const sentry = fixtureServer(fixture('tiny'), {
  preset: 'sentry',
  version: '0.18.0',
  addScopes: ['team:write'],
  organizationSlug: 'acme',
});
const servers = { sentry, tiny: fixtureServer(fixture('tiny')) };
const env = 'SENTRY_AUTH_TOKEN=sntryu_full_aaaaaaaaaaaaaaaaaaaa\n';
const OVERRIDES = ['--sentry-add-scopes', 'event:write', '--sentry-project-slug', 'shop'];

async function flags(project: TestProject): Promise<string[]> {
  const { pid } = await project.ready('sentry');
  return argumentsOf(pid ?? 0)
    .split(' ')
    .filter((arg) => /^--(?:add-scopes|organization-slug|project-slug)/.test(arg));
}

test('overrides beat the config of Sentry presets through changes and kills, until the next up', async () => {
  await using project = new TestProject({ servers, env });
  const ours = ['--add-scopes=event:write', '--organization-slug=acme', '--project-slug=shop'];
  const note = 'In force until the next `up`: --sentry-add-scopes event:write --sentry-project-slug shop\n';

  expect(await project.ok('up', ...OVERRIDES)).toContain(note);
  expect(await flags(project)).toEqual(ours);
  expect(await project.ok('status')).toContain(note);
  const overrides = { addScopes: ['event:write'], projectSlug: 'shop' };
  expect((await project.status()).sentryOverrides).toEqual(overrides);

  // A change of the files goes on with them.
  project.write('.env', env.replaceAll('aaaa', 'bbbb'));
  await project.serverWhere(
    'sentry',
    'is replaced',
    ({ generation, state }) => generation === 2 && state === 'ready',
  );
  expect(await flags(project)).toEqual(ours);

  // So does the next supervisor.
  const { supervisor } = await project.status();
  process.kill(supervisor?.pid ?? 0, 'SIGKILL');
  await until('the next supervisor', async () => {
    const now = (await project.status()).supervisor;
    return now !== null && now.pid !== supervisor?.pid;
  });
  expect((await project.status()).sentryOverrides).toEqual(overrides);
  project.write('.env', env.replaceAll('aaaa', 'cccc'));
  await project.serverWhere(
    'sentry',
    'is replaced',
    ({ generation, state }) => generation === 3 && state === 'ready',
  );
  expect(await flags(project)).toEqual(ours);

  const tiny = (await project.server('tiny')).pid ?? 0;
  expect(await project.ok('up')).not.toContain('In force');
  expect(await flags(project)).toEqual(['--add-scopes=team:write', '--organization-slug=acme']);
  expect(await project.status()).not.toHaveProperty('sentryOverrides');
  expect(isAlive(tiny)).toBe(true);
});

test('a dry run counts them in and changes nothing; what a config could not have is exit 2', async () => {
  await using project = new TestProject({ servers, env });
  expect(await project.cli('up', '--sentry-add-scopes', 'everything')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--sentry-add-scopes, its 1. scope, is no scope'),
  });
  expect(project.processes()).toEqual([]);
  expect(await project.ok('up', '--dry-run', ...OVERRIDES)).toMatch(/start +sentry/);

  await project.ok('up');
  expect(await project.ok('up', '--dry-run', ...OVERRIDES)).toMatch(/replace +sentry.*\nkeep +tiny/);
  expect(await project.ok('up', '--dry-run')).toMatch(/keep +sentry/);
  expect(await project.status()).not.toHaveProperty('sentryOverrides');

  // As a script passes on what it was not told.
  const none = ['--sentry-add-scopes=', '--sentry-organization-slug=', '--sentry-project-slug='];
  expect(await project.ok('up', ...none)).toContain('--sentry-add-scopes ""\n');
  expect(await flags(project)).toEqual(['--organization-slug=acme']);
});
