import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonPid } from '../../../src/engine/pm2-daemon.ts';
import { pm2Settings } from '../../../src/engine/pm2-home.ts';
import { SAFE_NAMES } from '../../../src/plan/safe-env.ts';
import { locateProject } from '../../../src/supervisor/project.ts';
import { fixture, REPO } from '../../support/cli.ts';
import { argumentsOf, isAlive } from '../../support/processes.ts';
import { fixtureServer, TestProject } from '../../support/project.ts';
import { until } from '../../support/until.ts';

const servers = { tiny: fixtureServer(fixture('tiny')) };
const pm2Of = (project: TestProject) =>
  locateProject({ configFile: project.path('ecosystem.config.json') }).pm2;

/** A copy of pm2 that says that it is of another version. */
function otherPm2(project: TestProject): string {
  const modules = join(project.home, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(`${REPO}/node_modules`)) {
    if (name !== 'pm2') symlinkSync(`${REPO}/node_modules/${name}`, join(modules, name));
  }
  cpSync(`${REPO}/node_modules/pm2`, join(modules, 'pm2'), { recursive: true });
  const file = join(modules, 'pm2/package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...manifest, version: '6.0.14' }));
  return join(modules, 'pm2/lib/Daemon.js');
}

test('a daemon of another version of pm2 is replaced', async () => {
  await using project = new TestProject({ servers });
  const pm2 = pm2Of(project);
  for (const folder of ['logs', 'pids', 'modules']) mkdirSync(join(pm2.dir, folder), { recursive: true });
  mkdirSync(pm2.socketDir, { recursive: true });
  const env = { PATH: process.env['PATH'] ?? '', HOME: project.home, ...pm2Settings(pm2) };
  spawn(process.execPath, [otherPm2(project)], { cwd: pm2.dir, env, detached: true, stdio: 'ignore' });
  const old = await until('the other daemon runs', () => daemonPid(pm2));
  expect(argumentsOf(old)).toContain('v6.0.14');
  await project.ok('up');
  expect(isAlive(old)).toBe(false);
  expect(argumentsOf(Number(daemonPid(pm2)))).toContain(`v${ownVersion()}`);
  expect(await project.server('tiny')).toMatchObject({ state: 'ready' });
});

test("up gives the daemon the safe base of its caller's environment, without what the shell adds", async () => {
  const shell = {
    _: '/bin/canary-of-the-shell',
    NODE_OPTIONS: '--no-deprecation',
    SOME_SECRET: 'canary-of-the-shell',
  };
  await using project = new TestProject({ servers, shell });
  await project.ok('up');
  const environment = readFileSync(`/proc/${daemonPid(pm2Of(project))}/environ`, 'utf8');
  const names = environment
    .split('\0')
    .filter(Boolean)
    .map((entry) => entry.replace(/=.*/s, ''));
  const ours = names.filter((name) => !/^(PM2|NODE_CHANNEL)_/.test(name));
  expect(ours.filter((name) => !SAFE_NAMES.includes(name))).toEqual([]);
  expect(ours).toContain('PATH');
  for (const name of Object.keys(shell)) expect(names).not.toContain(name);
});

function ownVersion(): string {
  const manifest = readFileSync(`${REPO}/node_modules/pm2/package.json`, 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
