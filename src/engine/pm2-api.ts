import { SupervisorError } from '../errors.ts';
import type { App } from './engine.ts';
import { type Pm2Home, pm2Settings } from './pm2-home.ts';

/** The part of pm2's API that we use, typed by what version 7.0.4 was seen to do: its own types lack half. */
interface Pm2 {
  connect(callback: (error: unknown) => void): void;
  disconnect(callback: () => void): void;
  start(options: Record<string, unknown>, callback: (error: unknown) => void): void;
  delete(name: string, callback: (error: unknown) => void): void;
  list(callback: (error: unknown, apps: RawApp[]) => void): void;
  getVersion(callback: (error: unknown, version: string) => void): void;
  readonly Client: { launchDaemon: (done: (error: Error) => void) => void };
}

export interface RawApp {
  readonly name: string;
  readonly pid?: number;
  readonly pm2_env: { readonly status: string };
}

/** pm2 never times a call out: one whose daemon dies hangs for ever. */
const START_TIMEOUT_MS = 15_000;
/** A question takes 2 to 4 ms: a daemon that takes this long hangs. */
const ASK_TIMEOUT_MS = 5_000;

export interface Pm2Api {
  version(): Promise<string>;
  start(app: App, env: Readonly<Record<string, string>>): Promise<void>;
  remove(name: string, timeoutMs: number): Promise<void>;
  list(): Promise<readonly RawApp[]>;
  disconnect(): Promise<void>;
}

/** Loads pm2 for `home`, which takes a while: worth doing while its daemon starts. One process can serve one home. */
export async function loadPm2(home: Pm2Home): Promise<Pm2> {
  // pm2 takes its paths from process.env when it is imported, and from nowhere else.
  Object.assign(process.env, pm2Settings(home));
  const pm2 = await importPm2();
  // Left to itself, it starts a daemon where none answers (any more), with our whole environment.
  pm2.Client.launchDaemon = (done) => done(new Error('its daemon is gone'));
  return pm2;
}

/** Connects to the daemon that answers in `home`. */
export async function connectPm2(home: Pm2Home): Promise<Pm2Api> {
  const pm2 = await loadPm2(home);
  await call('connect', ASK_TIMEOUT_MS, (done) => pm2.connect(done));
  return {
    version: () => call('getVersion', ASK_TIMEOUT_MS, (done) => pm2.getVersion(done)),
    start: (app, env) => call('start', START_TIMEOUT_MS, (done) => pm2.start(startOptions(app, env), done)),
    remove: (name, timeoutMs) => call('delete', timeoutMs, (done) => pm2.delete(name, done)),
    list: () => call('list', ASK_TIMEOUT_MS, (done) => pm2.list(done)),
    disconnect: () => call('disconnect', 1_000, (done) => pm2.disconnect(() => done(null))),
  };
}

/** It writes into its home when it is imported. */
async function importPm2(): Promise<Pm2> {
  const umask = process.umask(0o077);
  try {
    const { default: pm2 } = (await import('pm2')) as unknown as { default: Pm2 };
    return pm2;
  } finally {
    process.umask(umask);
  }
}

function startOptions(app: App, env: Readonly<Record<string, string>>): Record<string, unknown> {
  return {
    name: app.name,
    script: app.script,
    args: app.args,
    cwd: app.cwd,
    interpreter: process.execPath,
    exec_mode: 'fork',
    // An empty name matches every variable: nothing of the caller's environment is taken.
    filter_env: [''],
    env,
    pmx: false,
    automation: false,
    vizion: false,
    disable_source_map_support: true,
    autorestart: true,
    // How often is too often is the supervisor's to say.
    max_restarts: Number.MAX_SAFE_INTEGER,
    exp_backoff_restart_delay: app.restartDelayMs,
    // The runner walks its child down the ladder; a signal to the whole tree would cut that short.
    treekill: false,
    kill_timeout: app.killTimeoutMs,
    kill_retry_time: 20,
    merge_logs: true,
    out_file: app.outFile,
    error_file: app.outFile,
  };
}

function call<T>(
  what: string,
  timeoutMs: number,
  run: (done: (error: unknown, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `pm2 did not answer '${what}' within ${timeoutMs / 1000} s`;
      reject(new SupervisorError('engine.timeout', message, 'Run `mcp-supervisor up` to start it anew.'));
    }, timeoutMs);
    run((error, value) => {
      clearTimeout(timer);
      if (error === null || error === undefined) resolve(value as T);
      else reject(translated(what, error));
    });
  });
}

/** pm2 fails with an Error, a string, or an array of either. */
function translated(what: string, error: unknown): SupervisorError {
  const first: unknown = Array.isArray(error) ? error[0] : error;
  const message = first instanceof Error ? first.message : String(first);
  return new SupervisorError(
    'engine.failed',
    `pm2 could not ${what}: ${message}`,
    'See the supervisor log.',
    {
      cause: error,
    },
  );
}

/** pm2's way to say that a name is not there. */
export function isUnknownApp(error: unknown): boolean {
  return error instanceof SupervisorError && /process or namespace not found/i.test(error.message);
}
