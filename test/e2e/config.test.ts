import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const tiny = fixtureServer(fixture('tiny'), { env: { SETTING: '${SETTING:-none}' } });

const noConfigWarning = (project: TestProject) =>
  until('no warning', async () => (await project.warnings()).every(({ code }) => code !== 'config.invalid'));

test('a broken config stays a warning until it is mended, whatever else is saved meanwhile', async () => {
  await using project = new TestProject({ servers: { tiny }, env: 'SETTING=one\n' });
  await project.ok('up');
  project.write('ecosystem.config.json', '{');
  await project.warning('config.invalid');

  project.write('.env', 'SETTING=two\n');
  await project.serverWhere(
    'tiny',
    'replaced',
    ({ generation, state }) => generation === 2 && state === 'ready',
  );
  expect(await project.warnings()).toMatchObject([{ code: 'config.invalid', server: null }]);

  project.configure({ tiny });
  await noConfigWarning(project);
});

test('a config that is broken when the supervisor is restarted: its servers go on, and mending it is enough', async () => {
  await using project = new TestProject({ servers: { tiny } });
  await project.ok('up');
  const { pid } = await project.server('tiny');
  project.write('ecosystem.config.json', '{');
  await project.warning('config.invalid');
  await project.killSupervisor();
  const row = await project.serverWhere('tiny', 'found', (found) => found.pid === pid);
  expect(row).toMatchObject({ state: 'ready', generation: 1 });
  await project.warning('config.invalid');
  {
    await using connection = await connect(await project.endpoint('tiny'));
    expect(await connection.text('env', { name: 'SETTING' })).toBe('none');
  }

  project.configure({ tiny, another: tiny });
  await project.ready('another');
  await noConfigWarning(project);
  expect(await project.server('tiny')).toMatchObject({ state: 'ready', generation: 1, pid });
});

test('a change to a port that is taken leaves the gateway where it is; one to a free port moves it', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  try {
    await using project = new TestProject({ servers: { tiny } });
    await project.ok('up');
    const before = await project.endpoint('tiny');
    await using connection = await connect(before);
    project.configure({ tiny }, { port });
    expect((await project.warning('config.invalid')).message).toContain(`${port}`);
    expect(await project.endpoint('tiny')).toEqual(before);
    expect(await connection.text('env', { name: 'SETTING' })).toBe('none');

    await new Promise((resolve) => holder.close(resolve));
    project.configure({ tiny }, { port, host: '127.0.0.1' });
    await project.serverWhere('tiny', 'moved', ({ url }) => url.includes(`:${port}/`));
    await using moved = await connect(await project.endpoint('tiny'));
    expect(await moved.text('env', { name: 'SETTING' })).toBe('none');
    // A connection is not bound to the port that it came through.
    expect(await connection.text('env', { name: 'SETTING' })).toBe('none');
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
});

test('a server that is taken out of the config takes its warnings along, also while nothing runs', async () => {
  const broken = { command: './no-such-program' };
  await using project = new TestProject({ servers: { tiny, broken } });
  await project.cli('up');
  await project.warning('server.crash-loop');
  await project.ok('down');

  project.configure({ tiny });
  expect(await project.ok('up')).not.toContain('server.crash-loop');
  expect(await project.warnings()).toEqual([]);
  expect(await project.warnings('--all')).toMatchObject([{ code: 'server.crash-loop', state: 'resolved' }]);
});
