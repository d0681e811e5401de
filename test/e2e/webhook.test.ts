import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { type Posted, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const SECRET_PATH = 'canary-path-of-the-hook-0123456789';
const SECRET_HEADER = 'canary-header-of-the-hook-0123456789';

const QUOTA = {
  pattern: 'QUOTA: (?<used>\\d+) of (?<limit>\\d+) used by (?<team>\\S+)',
  code: 'my.quota',
  severity: 'error',
  subject: '$<team>',
  message: '$<team> used $<used> of $<limit>',
  hint: 'Ask $<team> to use less.',
};

let receiver: Receiver;
let project: TestProject;
beforeAll(async () => {
  receiver = await startReceiver(500, 503, 200);
  project = new TestProject({ env: envFile() });
  configure(project);
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function envFile(more = `HOOK=${hook()}\n`): string {
  return `VALUE=sick\nHOOK_TOKEN=${SECRET_HEADER}\n${more}`;
}

const hook = () => `${receiver.origin}/${SECRET_PATH}`;

function configure({ write }: TestProject, webhook: Record<string, unknown> = {}): void {
  const config = {
    gateway: { port: 0 },
    warnings: { webhook: { url: '${HOOK}', headers: { 'x-token': '${HOOK_TOKEN}' }, ...webhook } },
    servers: {
      complains: fixtureServer(fixture('complains'), { env: { VALUE: '${VALUE}' }, logRules: [QUOTA] }),
    },
  };
  write.call(project, 'ecosystem.config.json', JSON.stringify(config));
}

const say = async (line: string) => {
  await using connection = await connect(await project.endpoint('complains'));
  await connection.text('echo', { line });
};
const of =
  (subject: string) =>
  ({ body }: Posted) =>
    body.subject === subject;
const taken = (subject: string) =>
  receiver.posts.filter((post) => post.status === 200 && of(subject)(post)).map(({ body }) => body.event);

/** What the next supervisor takes for delivered. */
const known = () => JSON.parse(project.read('.mcp-supervisor/webhook.json')) as string[];

test('what is raised is posted, although the receiver fails twice', async () => {
  await project.ok('up');
  await until('both', () => taken('team-a').length === 1 && taken('team-b').length === 1);
  expect(receiver.posts.map(({ status }) => status)).toEqual([500, 503, 200, 200]);
  const [post] = receiver.posts.filter(of('team-a'));
  const [row] = (await project.warnings()).filter(({ subject }) => subject === 'team-a');
  expect(post?.body).toEqual({
    ...row,
    event: 'raised',
    project: 'project',
    text: '[project] error my.quota complains: team-a used 7 of 5\n→ Ask team-a to use less.',
  });
  expect(post?.path).toBe(`/${SECRET_PATH}`);
  expect(post?.headers['x-token']).toBe(SECRET_HEADER);
});

test('a secret that a server prints is not posted, and what counts up is not posted again', async () => {
  await say(`QUOTA: 8 of 5 used by team-${SECRET_HEADER}`);
  await say('QUOTA: 9 of 5 used by team-a');
  await until('posted', () => taken('team-[redacted]').length === 1);
  expect(taken('team-a')).toEqual(['raised']);
  expect(JSON.stringify(receiver.posts.map(({ body }) => body))).not.toContain('canary');
});

test('what was not delivered is delivered by the next supervisor, what was is not delivered again', async () => {
  await receiver.answer(500);
  await say('QUOTA: 9 of 5 used by team-x');
  await until('it fails', () => receiver.posts.some((post) => post.status === 500 && of('team-x')(post)));
  await until('it is on disk', () => project.read('.mcp-supervisor/warnings.json').includes('team-x'));
  await project.killSupervisor();
  await receiver.answer(200);
  await until('delivered', () => taken('team-x').length === 1);
  const { id } = await until('the next supervisor answers', async () =>
    (await project.warnings()).find(({ subject }) => subject === 'team-x'),
  );
  await until('written down', () => known().includes(id));
  await project.killSupervisor();
  await project.ready('complains');
  await say('QUOTA: 9 of 5 used by team-y');
  await until('the next one', () => taken('team-y').length === 1);
  for (const team of ['team-a', 'team-b', 'team-x', 'team-y']) expect(taken(team)).toEqual(['raised']);
});

test('what is over is posted', async () => {
  project.write('.env', envFile().replace('sick', 'cured'));
  await until('all resolved', () => ['team-a', 'team-x', 'team-y'].every((team) => taken(team).length === 2));
  expect(taken('team-a')).toEqual(['raised', 'resolved']);
  const resolved = receiver.posts.filter(of('team-a')).at(-1);
  expect(resolved?.body).toMatchObject({
    state: 'resolved',
    text: '[project] resolved: my.quota complains: team-a used 9 of 5',
  });
});

test('a receiver that refuses is a warning, which is not posted, until it takes something', async () => {
  await receiver.answer(400, 200);
  await say('QUOTA: 9 of 5 used by team-r');
  const failed = await project.warning('webhook.failed');
  expect(failed).toMatchObject({ server: null, docs: 'docs/warnings.md#webhook.failed' });
  expect(failed.message).toContain('answered with status 400');
  expect(await project.ok('warnings')).toContain('docs/warnings.md#webhook.failed\n');
  await say('QUOTA: 9 of 5 used by team-s');
  await until('it is over', async () =>
    (await project.warnings('--all')).some(
      ({ code, state }) => code === 'webhook.failed' && state === 'resolved',
    ),
  );
  expect(receiver.posts.filter(of('team-r'))).toHaveLength(1);
  expect(receiver.posts.some(({ body }) => body.code.startsWith('webhook.'))).toBe(false);
});

test('without its variable it is off, and servers go on; with it, it is told what is active', async () => {
  const before = await project.server('complains');
  project.write('.env', envFile('').replace('sick', 'cured'));
  const off = await project.warning('webhook.unusable');
  expect(off).toMatchObject({ subject: 'HOOK', hint: expect.stringContaining('HOOK=… to .env') });
  await say('QUOTA: 9 of 5 used by team-o');
  await until('it is a warning', async () =>
    (await project.warnings()).some(({ subject }) => subject === 'team-o'),
  );
  expect(taken('team-o')).toEqual([]);
  project.write('.env', envFile().replace('sick', 'cured'));
  await until('told', () => taken('team-o').length === 1);
  expect(await project.server('complains')).toMatchObject({ pid: before.pid, state: 'ready' });
  // What it had refused is among it.
  await until('told too', () => taken('team-r').length === 1);
});

test('neither URL nor header is in any process, file or output', async () => {
  for (const verb of ['status', 'warnings', 'logs']) {
    for (const args of [[verb], [verb, '--json']]) {
      const { stdout, stderr } = await project.cli(...args);
      for (const hidden of [SECRET_PATH, SECRET_HEADER, hook()])
        expect(stdout + stderr).not.toContain(hidden);
    }
  }
  for (const { pid, command } of project.processes()) {
    expect(command).not.toContain('canary');
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('canary');
  }
});

test('down makes a last attempt, and does not wait for a receiver that hangs', async () => {
  await receiver.answer({ status: 503, headers: { 'retry-after': '3600' } }, 200);
  await say('QUOTA: 9 of 5 used by team-d');
  await until('it fails', () => receiver.posts.some((post) => post.status === 503 && of('team-d')(post)));
  await project.ok('down');
  expect(taken('team-d')).toEqual(['raised']);
  await receiver.answer('hang');
  await project.ok('up');
  await say('QUOTA: 9 of 5 used by team-h');
  await until('it hangs', () => receiver.posts.some(({ status }) => status === 'hang'));
  await project.ok('down');
  expect(project.processes()).toEqual([]);
});
