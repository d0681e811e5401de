import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

test('a server that takes more than its maxMemory is replaced, and the others are not', async () => {
  const hungry = fixtureServer(fixture('hungry'), { maxMemory: '200M' });
  await using project = new TestProject({ servers: { hungry, modest: hungry } });
  await project.ok('up');
  const modest = await project.server('modest');
  await using client = await connect(await project.endpoint('hungry'));
  await client.text('eat', { mb: 250 });

  const row = await project.serverWhere('hungry', 'replaced', ({ lastReload }) => lastReload !== null);
  expect(row).toMatchObject({
    state: 'ready',
    generation: 2,
    restarts: 0,
    lastReload: { outcome: 'replaced' },
  });
  expect(row.lastReload?.reason).toMatch(/^it took \d+ MiB, with a maxMemory of 200 MiB$/);
  expect(row.memoryBytes).toBeLessThan(200 * 1024 * 1024);
  expect(await project.server('modest')).toMatchObject({ generation: 1, pid: modest.pid });
  // The client keeps its session, and is answered by the new one.
  expect(await client.text('eat', { mb: 1 })).toBe('1');
});

test('one that is soon over its limit again stays for a while, and a warning says so', async () => {
  const hungry = fixtureServer(fixture('hungry'), { maxMemory: '200M' });
  await using project = new TestProject({ servers: { hungry } });
  await project.ok('up');
  await using client = await connect(await project.endpoint('hungry'));
  await client.text('eat', { mb: 250 });
  await project.serverWhere(
    'hungry',
    'replaced',
    ({ state, generation }) => state === 'ready' && generation === 2,
  );
  await client.text('eat', { mb: 250 });
  const warning = await until('it is warned of once more', async () =>
    (await project.warnings()).find(({ code, count }) => code === 'server.over-memory' && count === 2),
  );
  expect(warning).toMatchObject({ generation: 2, message: expect.stringContaining('it stays for another') });
  expect(await project.server('hungry')).toMatchObject({ state: 'ready', generation: 2 });

  // Raising the limit is no new start, and is the end of the warning.
  project.configure({ hungry: { ...hungry, maxMemory: '1G' } });
  await until('it is resolved', async () => (await project.warnings()).length === 0);
  expect(await project.server('hungry')).toMatchObject({ generation: 2 });
});
