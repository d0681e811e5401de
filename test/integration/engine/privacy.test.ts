import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineBench, type EngineHost } from '../../support/engine.ts';

const CANARY = 'canary-of-the-caller';
const PATH = process.env['PATH'] ?? '';
/** What a caller may have in its environment; pm2 takes `name` for an app's name, the keys for pm2.io's. */
const CALLER = {
  SOME_SECRET: CANARY,
  name: CANARY,
  SECRET_KEY: CANARY,
  PUBLIC_KEY: CANARY,
  PM2_PUBLIC_KEY: CANARY,
  _: `/bin/${CANARY}`,
};
const environmentOf = (pid: number) =>
  readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean).sort();

async function running(bench: EngineBench): Promise<{ engine: EngineHost; app: number }> {
  const engine = bench.host(CALLER);
  await engine.launchDaemon({ PATH, HOME: bench.dir });
  await engine.connect({ PATH, LANG: 'C' });
  await engine.start(bench.app('server@1', "setInterval(() => {}, 1000); say('pid', process.pid)"));
  return { engine, app: Number(await bench.said('pid')) };
}

test("nothing of the caller's environment is in the daemon, in an app, or in what pm2 tells and writes", async () => {
  await using bench = new EngineBench();
  const { engine, app } = await running(bench);
  expect(await engine.list()).toEqual([{ name: 'server@1', pid: app }]);
  for (const pid of [bench.daemonPid, app]) expect(environmentOf(pid).join()).not.toContain(CANARY);
  expect(bench.pm2('jlist')).not.toContain(CANARY);
  expect(bench.pm2('env', '0')).not.toContain(CANARY);
  await engine.endDaemon();
  expect(readdirSync(bench.home.dir)).toContain('dump.pm2');
  expect(grep(bench.home.dir, CANARY)).toBe('');
});

test('the daemon has what it was given and its settings, and an app what the engine was given', async () => {
  await using bench = new EngineBench();
  const { app } = await running(bench);
  const names = environmentOf(bench.daemonPid).map((entry) => entry.replace(/=.*/s, ''));
  expect(names.filter((name) => !name.startsWith('PM2_'))).toEqual([
    'HOME',
    'NODE_CHANNEL_FD',
    'NODE_CHANNEL_SERIALIZATION_MODE',
    'PATH',
  ]);
  const own = environmentOf(app).filter((entry) => /^(PATH|HOME|LANG|TMPDIR|USER|_)=/.test(entry));
  expect(own).toEqual(['LANG=C', `PATH=${PATH}`]);
});

test('the home is closed to others, and so is every file in it', async () => {
  await using bench = new EngineBench('deep/pm2');
  const { engine } = await running(bench);
  await engine.endDaemon();
  expect(statSync(bench.home.dir).mode & 0o777).toBe(0o700);
  const open = readdirSync(bench.home.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => (statSync(file).mode & 0o077) !== 0);
  expect(open).toEqual([]);
  expect(statSync(bench.path('apps.log')).mode & 0o077).toBe(0);
});

function grep(dir: string, text: string): string {
  try {
    return execFileSync('grep', ['-rl', text, dir], { encoding: 'utf8' });
  } catch (error) {
    // grep's way to say that there is none.
    if ((error as { status?: number }).status === 1) return '';
    throw error;
  }
}
