import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CLI, fixture, REPO } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const servers = {
  tiny: fixtureServer(fixture('tiny'), { env: { TOKEN_OF_TINY: '${TOKEN}' } }),
  blocked: fixtureServer(fixture('tiny'), { env: { X: '${NOWHERE}' } }),
};
const ENV = 'TOKEN="a \'b\' $c `d`"\nOTHER=2\n';
const node = (script: string, ...args: string[]) => ['exec', '--', process.execPath, '-e', script, ...args];

test('env is evaluated by a shell, also where nothing runs', async () => {
  await using project = new TestProject({ servers, env: ENV });
  const script = `eval "$("${process.execPath}" "${CLI}" env)"; printf '%s' "$TOKEN"`;
  const { stdout } = spawnSync('sh', ['-c', script], { cwd: project.dir, env: project.shell });
  expect(stdout.toString()).toBe("a 'b' $c `d`");
  expect(project.processes()).toEqual([]);
});

test('exec gives a command the variables, our stdio and its own arguments', async () => {
  await using project = new TestProject({ servers, env: ENV, shell: { OTHER: 'shell', ONLY: 'here' } });
  const script =
    'const { TOKEN, OTHER, ONLY } = process.env; console.log(JSON.stringify([TOKEN, OTHER, ONLY, ...process.argv.slice(1)])); console.error("apart")';
  const { code, stdout, stderr } = await project.cli(...node(script, '--', '--json', '$HOME', 'a  b'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'apart\n' });
  expect(JSON.parse(stdout)).toEqual(["a 'b' $c `d`", '2', 'here', '--json', '$HOME', 'a  b']);
  const input = spawnSync(process.execPath, [CLI, 'exec', '--', 'cat'], {
    cwd: project.dir,
    env: project.shell,
    input: 'piped in',
  });
  expect(input.stdout.toString()).toBe('piped in');
});

test('exec --server gives what that server is given', async () => {
  await using project = new TestProject({ servers, env: ENV });
  const given = await project.ok('exec', '--server', 'tiny', '--', 'env');
  expect(given).toContain("TOKEN_OF_TINY=a 'b' $c `d`\n");
  expect(given).not.toMatch(/^TOKEN=/m);
  expect(await project.cli('exec', '--server', 'blocked', '--', 'env')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('NOWHERE'),
  });
});

test('exec ends as its command does', async () => {
  await using project = new TestProject({ servers, env: ENV });
  expect(await project.cli(...node('process.exit(7)'))).toMatchObject({ code: 7 });
  expect(await project.cli('exec', '--', './no-such-program')).toMatchObject({
    code: 127,
    stderr: './no-such-program cannot be run: there is no such program\n',
  });
  expect(await project.cli('exec', '--', './.env')).toMatchObject({
    code: 126,
    stderr: './.env cannot be run: it is not executable\n',
  });
  const killed = project.start(...node('process.kill(process.pid, "SIGKILL")'));
  await killed.outcome;
  expect(killed.process.signalCode).toBe('SIGKILL');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s goes to the command, which decides',
  async (signal) => {
    await using project = new TestProject({ servers, env: ENV });
    const deaf = `process.on("${signal}", () => process.exit(9)); setInterval(() => {}, 1e6); console.log("up")`;
    const decides = project.start(...node(deaf));
    await until('the command runs', () => decides.output() !== '');
    decides.process.kill(signal);
    expect((await decides.outcome).code).toBe(9);

    const dies = project.start(...node('setInterval(() => {}, 1e6); console.log("up")'));
    await until('the command runs', () => dies.output() !== '');
    dies.process.kill(signal);
    await dies.outcome;
    expect(dies.process.signalCode).toBe(signal);
  },
);

test('env and exec load what reads a config, and nothing of the daemon', async () => {
  await using project = new TestProject({ servers, env: ENV });
  const list = project.path('loads');
  const shell = {
    ...project.shell,
    LOADS: list,
    NODE_OPTIONS: `--import=${REPO}/test/fixtures/notes-loads.mjs`,
  };
  const { status } = spawnSync(process.execPath, [CLI, 'env', 'tiny'], { cwd: project.dir, env: shell });
  expect(status).toBe(0);
  const loaded = project.read('loads');
  expect(loaded).toContain('/dist/bin/env-cold.js');
  const packages = new Set(
    [...loaded.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name),
  );
  expect(['pm2', 'pino', 'chokidar'].filter((name) => packages.has(name))).toEqual([]);
  // And the others do without it.
  project.write('loads', '');
  spawnSync(process.execPath, [CLI, 'status'], { cwd: project.dir, env: shell });
  expect(project.read('loads')).not.toMatch(/env-cold|\/zod\/|\/dotenv\//);
});
