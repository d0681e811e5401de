import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const SECRET = 'canary-in-everything-it-says';

test('a server that prints, sends and is named with a secret: it is in no file, output, argument or pm2 record', async () => {
  await using project = new TestProject({
    env: `SECRET_VALUE=${SECRET}\n`,
    servers: {
      noisy: fixtureServer(fixture('tells-secrets'), { env: { SECRET_VALUE: '${SECRET_VALUE}' } }),
      dies: fixtureServer(fixture('tells-secrets'), {
        args: [fixture('tells-secrets'), 'die'],
        env: { SECRET_VALUE: '${SECRET_VALUE}' },
        restart: { maxRestarts: 1, backoffMs: 10 },
      }),
      refuses: fixtureServer(fixture('refuses-with-secret'), {
        env: { SECRET_VALUE: '${SECRET_VALUE}' },
        restart: { maxRestarts: 1, backoffMs: 10 },
      }),
      missing: { command: '/no-such-folder/${SECRET_VALUE}' },
    },
  });
  // Disposing looks through all outputs and files; this provokes as many as there are.
  await project.cli('up');
  await project.warning('stdout.noise');
  for (const verb of ['status', 'warnings', 'logs', 'restart']) {
    await project.cli(verb);
    await project.cli(verb, '--json');
  }
  expect((await project.server('refuses')).detail).toContain('is no good');
  expect((await project.cli('logs', 'noisy')).stdout).toContain('my secret is');
  for (const { pid, command } of project.processes()) {
    expect(command).not.toContain(SECRET);
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const holdsIt = environment.includes(SECRET);
    expect({ command, holdsIt }).toEqual({ command, holdsIt: command.includes('tells-secrets') });
  }
});

test('a variable of the shell that starts it reaches no daemon, and no server that did not ask for it', async () => {
  await using project = new TestProject({
    env: 'NOTE=canary-of-the-env-file\n',
    shell: { SHELL_SECRET: 'canary-of-the-shell' },
    servers: {
      asks: fixtureServer(fixture('tiny'), { env: { MINE: '${SHELL_SECRET}' } }),
      others: fixtureServer(fixture('tiny')),
    },
  });
  await project.ok('up');
  const asks = await project.server('asks');
  for (const { pid } of project.processes()) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    expect(environment.includes('canary-of-the-shell')).toBe(pid === asks.pid);
  }
});

test('our folders and files are closed to other users', async () => {
  await using project = new TestProject({ servers: { tiny: fixtureServer(fixture('tiny')) } });
  await project.ok('up');
  const root = project.path('.mcp-supervisor');
  expect(statSync(root).mode & 0o777).toBe(0o700);
  expect(statSync(project.path('.mcp-supervisor/token')).mode & 0o777).toBe(0o600);
  for (const name of readdirSync(project.path('logs'))) {
    expect(statSync(project.path(`logs/${name}`)).mode & 0o077).toBe(0);
  }
});
