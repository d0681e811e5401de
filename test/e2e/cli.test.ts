import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { VERBS } from '../support/verbs.ts';

const servers = { tiny: fixtureServer(fixture('tiny')) };

test('help and version', async () => {
  await using project = new TestProject({ servers });
  expect(await project.ok('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await project.ok('--help');
  for (const verb of VERBS) expect(help).toContain(`\n  ${verb} `);
  expect(await project.ok('up', '--help')).toContain('$ mcp-supervisor up');
  expect(await project.cli('stauts')).toMatchObject({ code: 2, stderr: expect.stringContaining('status') });
});

test('without a config, it says where it looked and what to do', async () => {
  await using project = new TestProject();
  const { code, stdout, stderr } = await project.cli('up');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('ecosystem.config.ts');
  project.configure({});
});

test('all problems of a config at once, each with its key, and nothing is started', async () => {
  await using project = new TestProject({
    servers: {
      'no command': {},
      wrong: { command: 'node', startTimeoutMs: 'soon', colour: 'red' },
      token: { command: 'node', args: ['--token', 'sntryu_0123456789abcdef'] },
    },
  });
  const { code, stderr } = await project.cli('up');
  expect(code).toBe(2);
  for (const part of ['no command', 'startTimeoutMs', 'colour', 'token.args', 'ecosystem.config.json']) {
    expect(stderr).toContain(part);
  }
  expect(stderr).not.toContain('sntryu_0123456789abcdef');
  expect(project.processes()).toEqual([]);
  const json = await project.cli('up', '--json');
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'config.invalid' } });
  project.configure({});
});

test('status where nothing runs: exit 1 and null', async () => {
  await using project = new TestProject({ servers });
  const { code, stdout } = await project.cli('status', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ supervisor: null, servers: [] });
});

test('the contract of status --json', async () => {
  await using project = new TestProject({ servers });
  await project.ok('up');
  const report = await project.status();
  expect(report.supervisor).toMatchObject({
    pid: expect.any(Number),
    version: expect.any(String),
    uptimeMs: expect.any(Number),
  });
  expect(report.gateway?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const row = await project.server('tiny');
  expect(row).toMatchObject({
    state: 'ready',
    generation: 1,
    restarts: 0,
    url: `${report.gateway?.url}/tiny/mcp`,
    tools: ['echo', 'env'],
    sessions: 0,
    children: 1,
    lastReload: null,
    warnings: 0,
    detail: null,
  });
  expect([row.pid, row.runnerPid, row.uptimeMs, row.memoryBytes].every((value) => Number(value) > 0)).toBe(
    true,
  );
});

test('an unknown server is exit 3, and names the known ones', async () => {
  await using project = new TestProject({ servers });
  expect(await project.cli('up', 'tinny')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('tiny'),
  });
  await project.ok('up');
  expect(await project.cli('restart', 'tinny')).toMatchObject({ code: 3 });
  expect(await project.cli('logs', 'tinny')).toMatchObject({ code: 3 });
});

test('restart replaces the named server only', async () => {
  await using project = new TestProject({ servers: { ...servers, other: fixtureServer(fixture('tiny')) } });
  await project.ok('up');
  const before = await project.status();
  await project.ok('restart', 'tiny');
  const after = await project.status();
  expect(after.servers[0]).toMatchObject({ state: 'ready', generation: 2 });
  expect(after.servers[0]?.pid).not.toBe(before.servers[0]?.pid);
  expect(after.servers[1]?.pid).toBe(before.servers[1]?.pid);
});

test('a port that is taken is named with the process that holds it, and nothing is left behind', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  try {
    await using project = new TestProject();
    project.configure(servers, { port });
    const { code, stderr } = await project.cli('up');
    expect(code).toBe(1);
    expect(stderr).toContain(`${port}`);
    expect(stderr).toContain(`${process.pid}`);
    expect(project.processes()).toEqual([]);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});

test('up --foreground shows what happens, and takes everything down at SIGTERM', async () => {
  await using project = new TestProject({ servers });
  const run = project.start('up', '--foreground');
  await expect.poll(() => run.output(), { timeout: 30_000 }).toContain('ready');
  run.process.kill('SIGTERM');
  expect((await run.outcome).code).toBe(0);
  expect(project.processes()).toEqual([]);
});
