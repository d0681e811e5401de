import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, AppStatus, Engine } from '../../src/engine/engine.ts';
import { daemonPid } from '../../src/engine/pm2-daemon.ts';
import { type Pm2Home, pm2Settings } from '../../src/engine/pm2-home.ts';
import { SupervisorError } from '../../src/errors.ts';
import { REPO } from './cli.ts';
import { type ProcessRow, processesOf } from './processes.ts';
import { until } from './until.ts';

const PATH = process.env['PATH'] ?? '';

/** A caller of the real engine, in a process with an environment of its own. */
export class EngineHost implements Engine {
  readonly #process: ChildProcess;
  readonly #home: Pm2Home;
  #nextId = 1;

  constructor(home: Pm2Home, env: Readonly<Record<string, string>>) {
    this.#home = home;
    const options = {
      env: { PATH, ...env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'] as const,
    };
    this.#process = fork(`${REPO}/test/support/engine-host.mjs`, { ...options, stdio: [...options.stdio] });
    // Every call listens for its own answer.
    this.#process.setMaxListeners(100);
  }

  launchDaemon(env: Readonly<Record<string, string>> = { PATH }): Promise<void> {
    return this.#call('launchDaemon', this.#home, env);
  }

  endDaemon(options = {}): Promise<void> {
    return this.#call('endDaemon', this.#home, options);
  }

  daemonAnswers(): Promise<boolean> {
    return this.#call('daemonAnswers', this.#home);
  }

  /** `env` is all that the apps will see. */
  connect(env: Readonly<Record<string, string>> = { PATH }): Promise<void> {
    return this.#call('connect', this.#home, env);
  }

  version(): Promise<string> {
    return this.#call('version');
  }

  start(app: App): Promise<void> {
    return this.#call('start', app);
  }

  remove(name: string): Promise<void> {
    return this.#call('remove', name);
  }

  list(): Promise<readonly AppStatus[]> {
    return this.#call('list');
  }

  close(): Promise<void> {
    return this.#call('close');
  }

  async exit(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.disconnect();
    await once(this.#process, 'exit');
  }

  #call<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const onMessage = (answer: { id: number; result: T; error?: SupervisorError }) => {
        if (answer.id !== id) return;
        this.#process.off('message', onMessage);
        if (answer.error === undefined) resolve(answer.result);
        else reject(new SupervisorError(answer.error.code, answer.error.message, answer.error.hint));
      };
      this.#process.on('message', onMessage);
      this.#process.send({ id, call, args });
    });
  }
}

/** A pm2 home in a temp folder; disposing of it proves that nothing was left behind. */
export class EngineBench implements AsyncDisposable {
  readonly dir: string;
  readonly home: Pm2Home;
  readonly #hosts: EngineHost[] = [];

  /** `below`: a folder for the home, for long paths. */
  constructor(below = 'pm2') {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'mcps-pm2-')));
    this.home = { dir: join(this.dir, below), socketDir: this.path('run') };
    mkdirSync(this.home.socketDir, { mode: 0o700 });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  host(env: Readonly<Record<string, string>> = {}): EngineHost {
    const host = new EngineHost(this.home, { HOME: this.dir, ...env });
    this.#hosts.push(host);
    return host;
  }

  /** A daemon, and somebody who is connected to it. */
  async engine(env: Readonly<Record<string, string>> = {}): Promise<EngineHost> {
    const host = this.host(env);
    await host.launchDaemon();
    await host.connect();
    return host;
  }

  get daemonPid(): number {
    const pid = daemonPid(this.home);
    if (pid === null) throw new Error('no daemon runs');
    return pid;
  }

  /** An app that runs `script`, with `fs` and `say(name, text)`, which writes a file, at hand. */
  app(name: string, script: string, more: Partial<App> = {}): App {
    const file = this.path(`${name}.cjs`);
    const say = `const fs = require('node:fs');
      const say = (name, text) => { fs.writeFileSync(name + '.tmp', String(text)); fs.renameSync(name + '.tmp', name); };`;
    writeFileSync(file, `${say}\n${script}\n`);
    return {
      name,
      script: file,
      args: [],
      cwd: this.dir,
      killTimeoutMs: 5_000,
      restartDelayMs: 10,
      outFile: this.path('apps.log'),
      ...more,
    };
  }

  async said(name: string): Promise<string> {
    return until(`an app writes ${name}`, () => readFileSync(this.path(name), 'utf8'));
  }

  /** A script that runs in this folder, with this environment. */
  spawn(script: string, env: Readonly<Record<string, string>>): ChildProcess {
    return spawn(process.execPath, [script], { cwd: this.dir, env: { ...env }, stdio: 'ignore' });
  }

  /** What pm2's own command prints, as anybody may run it who finds the home. */
  pm2(...args: readonly string[]): string {
    const { PM2_SILENT: _, ...settings } = pm2Settings(this.home);
    const env = { PATH, HOME: this.dir, ...settings };
    return execFileSync(process.execPath, [`${REPO}/node_modules/pm2/bin/pm2`, ...args], {
      env,
      encoding: 'utf8',
    });
  }

  processes(): ProcessRow[] {
    return processesOf(this.dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host().endDaemon();
    await Promise.all(this.#hosts.map((host) => host.exit()));
    let problem: unknown = null;
    try {
      await until('all processes have ended', () => this.processes().length === 0);
    } catch {
      problem = `these processes survived: ${JSON.stringify(this.processes())}`;
    }
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
    if (problem !== null) throw new Error(String(problem));
  }
}
