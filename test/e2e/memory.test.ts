import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

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
  expect(row.lastReload?.reason).toMatch(/^2\d\d MB of memory, which is over its maxMemory$/);
  expect(row.memoryBytes).toBeLessThan(200 * 1024 * 1024);
  expect(await project.server('modest')).toMatchObject({ generation: 1, pid: modest.pid });
  // The client keeps its session, and is answered by the new one.
  expect(await client.text('eat', { mb: 1 })).toBe('1');
});
