import { SupervisorError } from '../errors.ts';
import type { App, AppStatus, Engine } from './engine.ts';
import { connectPm2, isUnknownApp, type Pm2Api, type RawApp } from './pm2-api.ts';
import { daemonAnswers } from './pm2-daemon.ts';
import type { Pm2Home } from './pm2-home.ts';

const MARGIN_MS = 10_000;

/**
 * pm2, with its traps covered: same-name starts in parallel make duplicates, and a restart beside a
 * delete fails, so every change waits for the one before.
 */
export class Pm2Engine implements Engine {
  readonly #api: Pm2Api;
  readonly #env: Readonly<Record<string, string>>;
  readonly #killTimeouts = new Map<string, number>();
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(api: Pm2Api, env: Readonly<Record<string, string>>) {
    this.#api = api;
    this.#env = env;
  }

  /** Connects to the running daemon of `home`; `env` is all that the apps will see. */
  static async connect(home: Pm2Home, env: Readonly<Record<string, string>>): Promise<Pm2Engine> {
    // Where none runs pm2 would start one, with this process's environment and without the project's lock.
    if (!(await daemonAnswers(home))) throw noDaemon(home);
    return new Pm2Engine(await connectPm2(home), env);
  }

  version(): Promise<string> {
    return this.#api.version();
  }

  start(app: App): Promise<void> {
    this.#killTimeouts.set(app.name, app.killTimeoutMs);
    return this.#next(async () => {
      await this.#api.start(app, this.#env);
    });
  }

  remove(name: string): Promise<void> {
    return this.#next(async () => {
      try {
        await this.#api.remove(name, (this.#killTimeouts.get(name) ?? 30_000) + MARGIN_MS);
        this.#killTimeouts.delete(name);
      } catch (error) {
        if (!isUnknownApp(error)) throw error;
      }
    });
  }

  async list(): Promise<readonly AppStatus[]> {
    const apps = await this.#api.list();
    return apps.map((app) => ({ name: app.name, pid: pidOf(app) }));
  }

  close(): Promise<void> {
    return this.#api.disconnect();
  }

  #next<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(change);
    // A change that fails is its caller's to hear of; the next one goes ahead all the same.
    this.#tail = result.catch(() => {});
    return result;
  }
}

function noDaemon({ dir }: Pm2Home): SupervisorError {
  const hint = 'Run `mcp-supervisor up`, which starts it.';
  return new SupervisorError('engine.failed', `No pm2 daemon answers for ${dir}`, hint);
}

/** While it waits for the next start, pm2 goes on telling the id of the process that has ended. */
const RUNNING: readonly string[] = ['launching', 'online', 'stopping'];

function pidOf({ pid = 0, pm2_env: { status } }: RawApp): number | null {
  return pid > 0 && RUNNING.includes(status) ? pid : null;
}
