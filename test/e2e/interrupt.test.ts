import { expect, test } from 'vitest';
import { fixture, type Run } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const tiny = fixtureServer(fixture('tiny'));
const never = fixtureServer(fixture('never-answers'));

/**
 * Waits until the command waits for the server that never answers. It has to say so itself: a supervisor that
 * runs starts the server as soon as the config has it, before the command has come to hear signals.
 */
async function waiting(run: Run): Promise<void> {
  await Promise.race([
    until('it waits', () => run.errors().includes('never: starting')),
    run.outcome.then(({ stderr }) => Promise.reject(new Error(`it did not wait: ${stderr}`))),
  ]);
}

test('Ctrl-C ends an up that waits, and what it has begun', async () => {
  await using project = new TestProject({ servers: { tiny, never } });
  const run = project.start('up');
  await waiting(run);
  run.process.kill('SIGINT');
  expect(await run.outcome).toMatchObject({
    code: 130,
    stdout: '',
    stderr: expect.stringMatching(/Interrupted\.\n$/),
  });
  expect(project.processes()).toEqual([]);
});

test('Ctrl-C leaves what ran before', async () => {
  await using project = new TestProject({ servers: { tiny } });
  await project.ok('up');
  const { pid } = await project.server('tiny');
  project.configure({ tiny, never });
  const run = project.start('up');
  await waiting(run);
  run.process.kill('SIGINT');
  expect((await run.outcome).code).toBe(130);
  expect(await project.server('tiny')).toMatchObject({ state: 'ready', pid });
});

test('up --foreground that is told to stop while it starts is no failure, and leaves nothing', async () => {
  await using project = new TestProject({ servers: { never } });
  const run = project.start('up', '--foreground');
  await waiting(run);
  run.process.kill('SIGTERM');
  expect((await run.outcome).code).toBe(0);
  expect(project.processes()).toEqual([]);
});
