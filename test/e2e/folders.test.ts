import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CLI, fixture } from '../support/cli.ts';
import { isAlive } from '../support/processes.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const servers = {
  tiny: fixtureServer(fixture('tiny')),
  stubborn: fixtureServer(fixture('ignores-sigterm'), { stop: { eofMs: 100, termMs: 300 } }),
};
/** With it the sockets are elsewhere, since their paths would be too long. */
const LONG = `${'a-long-folder-name/'.repeat(9)}project`;

/** Everything of the project that runs. */
const pidsOf = (project: TestProject) => project.processes().map(({ pid }) => pid);
/** Its processes may still write into it. */
const remove = (folder: string) => rmSync(folder, { recursive: true, maxRetries: 5 });

async function untilAllReady(project: TestProject): Promise<void> {
  for (const name of Object.keys(servers)) await project.ready(name);
}

test.each([
  ['the folder of the state', undefined],
  ['the whole project', undefined],
  ['the folder of the state, with the sockets elsewhere,', LONG],
])('%s is removed: all that runs ends by itself, and up begins anew', async (what, below) => {
  await using project = new TestProject({ servers, ...(below === undefined ? {} : { below }) });
  await project.ok('up');
  const before = pidsOf(project);
  remove(what === 'the whole project' ? project.dir : project.path('.mcp-supervisor'));
  await until('all have ended', () => !before.some(isAlive));
  mkdirSync(project.dir, { recursive: true });
  project.configure(servers);
  await project.ok('up');
  await untilAllReady(project);
});

test('up while all that ran before is still to end waits for that, and begins anew', async () => {
  await using project = new TestProject({ servers, below: LONG });
  await project.ok('up');
  const before = pidsOf(project);
  const keeper = project.pidIn('keeper.json');
  process.kill(keeper, 'SIGSTOP');
  remove(project.path('.mcp-supervisor'));
  const up = project.start('up');
  await until('it is at work', () => existsSync(project.path('.mcp-supervisor/lock')));
  process.kill(keeper, 'SIGCONT');
  expect((await up.outcome).code).toBe(0);
  await until('all have ended', () => !before.some(isAlive));
  await untilAllReady(project);
});

test('the project is moved: all that runs ends by itself, and up begins anew', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const before = pidsOf(project);
  renameSync(project.dir, `${project.dir}-moved`);
  await until('all have ended', () => !before.some(isAlive));
  expect(existsSync(project.dir)).toBe(false);
  renameSync(`${project.dir}-moved`, project.dir);
  expect((await project.status()).supervisor).toBeNull();
  await project.ok('up');
  await untilAllReady(project);
});

test('what waits in the foreground ends too, and does not bring the project back', async () => {
  await using project = new TestProject({ servers });
  const run = project.start('up', '--foreground');
  await until('it is up', () => /tiny +ready/.test(run.output()));
  remove(project.dir);
  expect((await run.outcome).code).toBe(1);
  expect(existsSync(project.dir)).toBe(false);
  mkdirSync(project.dir);
});

test('a command in a folder that was removed says so', async () => {
  await using project = new TestProject();
  const script = 'mkdir gone && cd gone && rmdir ../gone && "$0" "$1" status 2>&1; echo "exit $?"';
  const options = { cwd: project.dir, env: project.shell, encoding: 'utf8' } as const;
  expect(execFileSync('sh', ['-c', script, process.execPath, CLI], options).split('\n')).toEqual([
    'error usage.invalid: The folder that this was started in is gone',
    '  → Change into one that is there.',
    'exit 2',
    '',
  ]);
});

test.each(['up', 'down'])('%s in a copy of a running project leaves the original alone', async (verb) => {
  await using original = new TestProject({ servers });
  await original.ok('up');
  const before = pidsOf(original);
  await using copy = copyOf(original);
  await copy.ok(verb);
  expect(pidsOf(original)).toEqual(before);
});

test('doctor takes nothing of a copy for running that runs in the original', async () => {
  await using original = new TestProject({ servers });
  await original.ok('up');
  await using copy = copyOf(original);
  expect(await copy.ok('doctor')).toContain('No runner is without a supervisor');
});

function copyOf({ dir }: TestProject): TestProject {
  const copy = new TestProject();
  execFileSync('cp', ['-r', `${dir}/.`, copy.dir]);
  return copy;
}
