import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

/** A server that holds a lock file: a second one beside it would not start. */
const locker = (more: Record<string, unknown>) => ({
  locker: fixtureServer(fixture('holds-lock'), { replace: 'exclusive', env: { VALUE: '${VALUE}' }, ...more }),
});
const restart = { maxRestarts: 1, backoffMs: 10 };

test('exclusive: the old one ends before the new one starts, and calls wait meanwhile', async () => {
  await using project = new TestProject({ env: 'VALUE=one\n', servers: locker({ restart }) });
  await project.ok('up');
  await using connection = await connect(await project.endpoint('locker'));
  expect(await connection.text('env', { name: 'VALUE' })).toBe('one');

  project.write('.env', 'VALUE=two\n');
  const seen = new Set<string>();
  while (!seen.has('two')) seen.add(await connection.text('env', { name: 'VALUE' }));
  expect([...seen]).toEqual(['one', 'two']);
  const row = await project.ready('locker');
  expect(row).toMatchObject({ generation: 2, restarts: 0, lastReload: { outcome: 'replaced' } });
});

test('exclusive: where the new one does not come up, the old settings come back and the cause is told', async () => {
  await using project = new TestProject({ env: 'VALUE=one\n', servers: locker({ restart }) });
  await project.ok('up');
  await using connection = await connect(await project.endpoint('locker'));
  project.write('.env', 'VALUE=refused\n');
  const warning = await project.warning('reload.failed');
  expect(warning.message).toContain('does not like its value');
  expect(await connection.text('env', { name: 'VALUE' })).toBe('one');
  expect(await project.ready('locker')).toMatchObject({ lastReload: { outcome: 'kept-old' } });
});

test('overlap is not for a server that holds a lock: the old generation goes on, and says why', async () => {
  await using project = new TestProject({
    env: 'VALUE=one\n',
    servers: locker({ restart, replace: 'overlap' }),
  });
  await project.ok('up');
  const before = await project.server('locker');
  project.write('.env', 'VALUE=two\n');
  expect((await project.warning('reload.failed')).message).toContain('the lock is taken');
  expect(await project.server('locker')).toMatchObject({ state: 'ready', pid: before.pid });
});

test('settings that it refused are not tried again at a change of something else, but by up', async () => {
  const other = fixtureServer(fixture('tiny'), { env: { OTHER: '${OTHER:-none}' } });
  const servers = { ...locker({ restart }), other };
  await using project = new TestProject({ env: 'VALUE=one\n', servers });
  await project.ok('up');
  project.write('.env', 'VALUE=refused\n');
  await project.warning('reload.failed');
  const kept = await project.ready('locker');

  project.write('.env', 'VALUE=refused\nOTHER=1\n');
  await project.serverWhere('other', 'replaced', ({ lastReload }) => lastReload !== null);
  expect(await project.server('locker')).toMatchObject({ state: 'ready', pid: kept.pid });
  expect((await project.warning('reload.failed')).count).toBe(1);
  await project.cli('up');
  expect((await project.server('locker')).generation).toBe(kept.generation + 2);
  expect((await project.warning('reload.failed')).count).toBe(2);
});
