import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { REPO } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const FOLDER = join(REPO, 'examples');
const EXAMPLES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
/** Nobody is there to ask about a token, so that no example reaches for the network. */
const NOBODY = 'SENTRY_HOST=127.0.0.1:9\n';

/** A project with the files of an example, on a free port of this machine, with the repo's packages. */
function copyOf(example: string): TestProject {
  const project = new TestProject();
  cpSync(join(FOLDER, example), project.dir, { recursive: true });
  renameSync(project.path('ecosystem.config.ts'), project.path('example.config.ts'));
  project.write(
    'ecosystem.config.ts',
    `import example from './example.config.ts';
    export default { ...example, gateway: { ...example.gateway, host: '127.0.0.1', port: 0 } };`,
  );
  symlinkSync(`${REPO}/node_modules`, project.path('node_modules'));
  return project;
}

/** The variables that an example's `.env.example` leaves to its user. */
function leftOpen(project: TestProject): string[] {
  if (!existsSync(project.path('.env.example'))) return [];
  return [...project.read('.env.example').matchAll(/^(\w+)=$/gm)].map(([, name = '']) => name);
}

test.each(EXAMPLES)('examples/%s comes up, but for what lacks a token, and goes down', async (example) => {
  await using project = copyOf(example);
  expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toContain(`](${example})`);
  const open = leftOpen(project);
  await project.ok('up');

  const { servers } = await project.status();
  const warnings = await project.warnings();
  const lacks = (server: string) =>
    open.some((name) => warnings.some((row) => row.server === server && row.message.includes(name)));
  expect(servers).not.toEqual([]);
  for (const { name, state } of servers)
    expect([name, state]).toEqual([name, lacks(name) ? 'blocked' : 'ready']);

  project.write('.env', open.map((name) => `${name}=sntryu_full_aaaaaaaaaaaaaaaaaaaa\n`).join('') + NOBODY);
  for (const { name } of servers) expect((await project.ready(name)).tools).not.toEqual([]);
  await project.ok('down');
  expect(project.processes()).toEqual([]);
});

test('several-servers: a setting of one server replaces that one', async () => {
  await using project = copyOf('several-servers');
  project.write('.env', project.read('.env.example'));
  await project.ok('up');
  const { pid } = await project.server('everything');
  await using client = await connect(await project.endpoint('greeter'));
  expect(await client.text('greet', { name: 'Ada' })).toBe('Good morning, Ada!');
  project.write('.env', 'GREETING=Good night\n');
  await project.serverWhere('greeter', 'replaced', ({ generation }) => generation === 2);
  await until('it greets anew', async () => (await client.text('greet', { name: 'Ada' })).includes('night'));
  expect((await project.server('everything')).pid).toBe(pid);
});

test('per-session: no client sees the notes of another', async () => {
  await using project = copyOf('per-session');
  await project.ok('up');
  const endpoint = await project.endpoint('notebook');
  await using one = await connect(endpoint);
  await using other = await connect(endpoint);
  await one.text('write', { note: 'mine' });
  expect([await one.text('read'), await other.text('read')]).toEqual(['mine', '']);
});

test('custom-check: a token that has expired replaces nothing; the log says how much is left', async () => {
  const expiring = (exp: number) =>
    `BILLING_TOKEN=e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.canary-signature\n`;
  await using project = copyOf('custom-check');
  project.write('.env', expiring(Date.UTC(2100, 0) / 1000));
  await project.ok('up');
  project.write('.env', expiring(Date.UTC(2000, 0) / 1000));
  expect((await project.warning('token.rejected')).message).toContain('2000-01-01');
  expect(await project.server('billing')).toMatchObject({ state: 'ready', generation: 1 });

  await using client = await connect(await project.endpoint('billing'));
  for (const number of ['1', '2']) await client.text('invoice', { number });
  const quota = await until('the quota is low', async () =>
    (await project.warnings()).find(({ code, count }) => code === 'billing.quota-low' && count === 2),
  );
  expect(quota.message).toBe('Only 10 requests of the billing service are left today.');
});

/** The instructions of the Dockerfile that are in JSON. */
function instruction(name: string): string[] {
  const line = new RegExp(`^${name} .*?(\\[.*\\])$`, 'm').exec(
    readFileSync(join(FOLDER, 'docker/Dockerfile'), 'utf8'),
  );
  return JSON.parse(line?.[1] ?? 'null') as string[];
}

/** What a container is made of and runs below `tini`; there is no Docker to build and run the image itself. */
test('docker: its command is healthy by its own check, and ends at its stop signal', async () => {
  await using project = copyOf('docker');
  // The Dockerfile makes them.
  for (const folder of ['.mcp-supervisor', 'logs']) mkdirSync(project.path(folder));
  project.write('env/.env', 'UNUSED=canary-of-the-container\n');
  const [, ...args] = instruction('CMD');
  const run = project.start(...args);
  await until('it is up', () => /everything +ready/.test(run.output()));

  const { url } = await project.server('everything');
  const [node = '', flag = '', script = ''] = instruction('HEALTHCHECK');
  expect([node, flag]).toEqual(['node', '-e']);
  await promisify(execFile)(process.execPath, [flag, script.replace(':7420', `:${new URL(url).port}`)]);

  run.process.kill('SIGTERM');
  expect((await run.outcome).code).toBe(0);
  expect(project.processes()).toEqual([]);
});
