import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connectAll, counter } from '../support/counter.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

test('calls to a server that was given up fail at once, also after a change that is not its own', async () => {
  const other = fixtureServer(fixture('tiny'), { env: { VALUE: '${VALUE}' } });
  const servers = { ...counter({ sharing: 'shared', restart: { maxRestarts: 0 } }), other };
  await using project = new TestProject({ env: 'VALUE=one\n', servers });
  await project.ok('up');
  const [client] = await connectAll(project, 1);
  await expect(client?.text('die')).rejects.toThrow('during this call');
  await project.warning('server.crash-loop');
  project.write('.env', 'VALUE=two\n');
  await project.serverWhere('other', 'replaced', ({ lastReload }) => lastReload !== null);
  await expect(client?.text('count')).rejects.toThrow('was given up: exited with code 9');
});

test('settings that come back before they were gone cost nothing', async () => {
  const stop = { eofMs: 6_000, termMs: 0 };
  const servers = counter({ sharing: 'shared', env: { VALUE: '${VALUE}' }, stop });
  await using project = new TestProject({ env: 'VALUE=one\n', servers });
  await project.ok('up');
  const [client] = await connectAll(project, 1);
  project.write('.env', 'VALUE=hangs\n');
  await project.serverWhere('counter', 'being replaced', ({ state }) => state === 'replacing');
  // Its attempt takes as long to end as the stop ladder says, and what comes meanwhile is not carried out.
  project.write('.env', 'OTHER=1\n');
  await project.serverWhere('counter', 'blocked', ({ state }) => state === 'blocked');
  project.write('.env', 'VALUE=one\n');
  await project.ready('counter');
  expect(await client?.text('env', { name: 'VALUE' })).toBe('one');
  expect(await client?.text('count')).toBe('1');
});
