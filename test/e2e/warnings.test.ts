import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Warning } from '../../src/model.ts';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const QUOTA = {
  pattern: 'quota: (?<used>\\d+) of (?<limit>\\d+) used by (?<team>\\S+)',
  flags: 'i',
  code: 'my.quota',
  severity: 'error',
  subject: '$<team>',
  message: '$<team> used $<used> of $<limit>',
  hint: 'Ask $<team> to use less.',
};

let project: TestProject;
beforeAll(async () => {
  project = new TestProject({
    env: 'VALUE=sick\n',
    servers: {
      complains: fixtureServer(fixture('complains'), { env: { VALUE: '${VALUE}' }, logRules: [QUOTA] }),
      noisy: fixtureServer(fixture('noisy-stdout')),
    },
  });
});
afterAll(() => project[Symbol.asyncDispose]());

const quota = async (...args: string[]): Promise<Warning[]> =>
  (await project.warnings(...args)).filter(({ code }) => code === 'my.quota');

test('a rule of the user makes a warning per subject, which up, status, warnings and the log show', async () => {
  const up = await project.ok('up');
  expect(await quota()).toMatchObject([
    { subject: 'team-a', severity: 'error', message: 'team-a used 7 of 5', hint: 'Ask team-a to use less.' },
    { subject: 'team-b', server: 'complains', generation: 1, count: 1, state: 'active' },
  ]);
  for (const output of [up, await project.ok('status'), await project.ok('warnings')]) {
    expect(output).toContain('team-a used 7 of 5');
    expect(output).toContain('Ask team-b to use less.');
  }
  await until('the log tells it', async () =>
    (await project.ok('logs', 'supervisor')).includes('my.quota: team-a used 7 of 5'),
  );
  expect(await project.server('complains')).toMatchObject({ warnings: 2 });
});

test('noise on stdout is one warning, with a sample', async () => {
  const noise = (await project.warnings()).filter(({ code }) => code === 'stdout.noise');
  expect(noise).toMatchObject([{ server: 'noisy', count: 1 }]);
  expect(noise[0]?.message).toContain('starting up, please wait');
});

test('the same again counts, and does not repeat in the log', async () => {
  await using connection = await connect(await project.endpoint('complains'));
  for (const used of [8, 10]) {
    await connection.text('echo', { line: `QUOTA: ${used} of 5 used by team-a` });
  }
  const row = await until('counted', async () =>
    (await quota()).find(({ subject, count }) => subject === 'team-a' && count === 3),
  );
  expect(row.message).toBe('team-a used 10 of 5');
  expect(await quota()).toHaveLength(2);
  const told = (await project.ok('logs', 'supervisor')).match(/my\.quota: team-a/g);
  expect(told).toHaveLength(1);
});

test('they survive a supervisor that is killed, and what is said meanwhile is not lost', async () => {
  const before = await quota();
  const { pid: child } = await project.server('complains');
  await project.killSupervisor(() => process.kill(Number(child), 'SIGUSR2'));
  const after = await until('the third', async () => {
    const rows = await quota();
    return rows.length === 3 ? rows : null;
  });
  for (const { id, firstSeen, count } of before) {
    expect(after).toContainEqual(expect.objectContaining({ id, firstSeen, count }));
  }
});

test('a reload that cures the cause resolves them', async () => {
  project.write('.env', 'VALUE=cured\n');
  await until('none is active', async () => (await quota()).length === 0);
  expect((await quota('--all')).map(({ state }) => state)).toEqual(['resolved', 'resolved', 'resolved']);
  const active = (await project.warnings()).map(({ code }) => code);
  expect(active).toEqual(['stdout.noise']);
});
