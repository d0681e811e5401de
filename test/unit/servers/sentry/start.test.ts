import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { safeBase } from '../../../../src/plan/safe-env.ts';
import { processRow } from '../../../../src/runner/process-table.ts';
import { dialectOf } from '../../../../src/servers/sentry/dialect.ts';
import { readHelp } from '../../../../src/servers/sentry/probe.ts';
import { SentryStarts } from '../../../../src/servers/sentry/start.ts';
import { sentryOptions } from './sentry-options.ts';

const NODE = process.execPath;
const ENV = safeBase(process.env);

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sentry-start-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function install(version: string): string {
  const root = join(dir, 'node_modules/@sentry/mcp-server');
  mkdirSync(root, { recursive: true });
  const manifest = { name: '@sentry/mcp-server', version, bin: { 'sentry-mcp': './cli.js' } };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  return join(root, 'cli.js');
}

const startOf = (given: Parameters<typeof sentryOptions>[0]) =>
  new SentryStarts(dir, NODE, ENV).resolve(sentryOptions(given));

describe('the usual ways to start it', () => {
  it('run the installed package without npx in between', async () => {
    const cli = install('0.36.0');
    const start = { command: NODE, args: [cli], version: '0.36.0', dialect: dialectOf('0.36.0') };
    expect(await startOf({})).toEqual(start);
    expect(await startOf({ version: '0.36.0' })).toEqual(start);
    expect(await startOf({ version: '^0.36' })).toEqual(start);
    expect(await startOf({ args: ['--agent-provider=openai'] })).toEqual({
      ...start,
      args: [cli, '--agent-provider=openai'],
    });
  });

  it('go through npx for another version, and where nothing is installed', async () => {
    const npx = (version: string) => ({
      command: 'npx',
      args: ['-y', `@sentry/mcp-server@${version}`],
      version,
      dialect: dialectOf(version),
    });
    expect(await startOf({})).toEqual(npx('0.39.0'));
    install('0.36.0');
    expect(await startOf({ version: '0.20.0' })).toEqual(npx('0.20.0'));
  });
});

describe("a command of the user's own", () => {
  it('is taken as it is, with the version that is named', async () => {
    const own = { command: 'docker', args: ['run', '-i', 'sentry'], version: '0.20.0' };
    expect(await startOf(own)).toEqual({ ...own, dialect: dialectOf('0.20.0') });
  });

  it('may name the version for npx', async () => {
    const own = { command: 'npx', args: ['-y', '@sentry/mcp-server@0.18.0'] };
    expect(await startOf(own)).toMatchObject({ ...own, version: '0.18.0' });
  });

  it('is asked for its flags otherwise, once, and without a token', async () => {
    const asked = join(dir, 'asked');
    const script = join(dir, 'own.mjs');
    writeFileSync(
      script,
      `import { appendFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(asked)}, process.argv[2]);
       if ('SENTRY_AUTH_TOKEN' in process.env) throw new Error('a token');
       console.log('--access-token --add-scopes');`,
    );
    const starts = new SentryStarts(dir, NODE, safeBase({ ...process.env, SENTRY_AUTH_TOKEN: 'x' }));
    const options = sentryOptions({ command: NODE, args: [script] });
    const [first, second] = [await starts.resolve(options), await starts.resolve(options)];
    expect(first).toMatchObject({
      command: NODE,
      args: [script],
      version: null,
      dialect: { scopes: 'add-scopes' },
    });
    expect(second).toEqual(first);
    expect(readFileSync(asked, 'utf8')).toBe('--help');
  });

  it('has unknown flags where it does not answer like the server', async () => {
    expect(await startOf({ command: NODE, args: ['-e', 'console.log(1)', '--'] })).toMatchObject({
      dialect: null,
    });
    expect(await startOf({ command: join(dir, 'missing') })).toMatchObject({ dialect: null });
  });
});

describe('readHelp', () => {
  it('gives up in time, and ends what it started', async () => {
    const script = join(dir, 'hangs.mjs');
    writeFileSync(
      script,
      `import { spawn } from 'node:child_process';
       import { writeFileSync } from 'node:fs';
       const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       writeFileSync(${JSON.stringify(join(dir, 'pids'))}, process.pid + ' ' + grandchild.pid);
       setInterval(() => {}, 1000);`,
    );
    const stop = new AbortController();
    const help = readHelp(
      { command: NODE, args: [script] },
      { cwd: dir, env: ENV, timeoutMs: 20_000, signal: stop.signal },
    );
    const pidFile = join(dir, 'pids');
    await expect
      .poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 10_000 })
      .toMatch(/ /);
    stop.abort();
    expect(await help).toBeNull();
    for (const pid of readFileSync(pidFile, 'utf8').split(' ').map(Number)) {
      await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    }
    expect(
      await readHelp({ command: NODE, args: [script] }, { cwd: dir, env: ENV, timeoutMs: 50 }),
    ).toBeNull();
  });

  it.each([
    ['@sentry/mcp-server', 'skills'],
    ['sentry-mcp-0.18', 'add-scopes'],
  ])('makes out the real %s', async (name, scopes) => {
    const args = [join(process.cwd(), 'node_modules', name, 'dist/index.js')];
    expect(await startOf({ command: NODE, args })).toMatchObject({ dialect: { scopes, slugs: true } });
  });
});

/** Zombies do not count: in a container without an init nobody collects them. */
function isAlive(pid: number): boolean {
  return processRow(pid) !== null;
}
