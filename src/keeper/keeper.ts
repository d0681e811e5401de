import { type ChildProcess, fork } from 'node:child_process';
import { KeptPort } from './port.ts';
import type { ToKeeper } from './protocol.ts';

/** A supervisor that dies at once is not started in a tight loop. */
const MIN_UPTIME_MS = 2_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;
const END_TIMEOUT_MS = 4_000;

export interface KeeperOptions {
  /** The built `bin/supervisor.js`, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
}

/** Keeps one supervisor running, and its port open between two of them. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #port = new KeptPort();
  #supervisor: ChildProcess | null = null;
  #pauseMs = 0;
  #ending = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { script, args } = this.#options;
    const startedAt = Date.now();
    const supervisor = fork(script, [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#supervisor = supervisor;
    supervisor.on('message', (message) => this.#port.obey(message as ToKeeper, supervisor));
    // `exit` follows, or has come already.
    supervisor.on('error', () => {});
    supervisor.once('exit', () => {
      this.#supervisor = null;
      this.#port.unattended();
      if (!this.#ending) this.#restart(Date.now() - startedAt);
    });
  }

  /** Ends the supervisor in good order. The servers go on; they are its runners' business. */
  async end(): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#timer);
    const supervisor = this.#supervisor;
    if (supervisor === null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => supervisor.kill('SIGKILL'), END_TIMEOUT_MS);
      supervisor.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      supervisor.kill('SIGTERM');
    });
  }

  #restart(uptimeMs: number): void {
    const stable = uptimeMs >= MIN_UPTIME_MS;
    this.#pauseMs = stable ? 0 : Math.min(Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2), MAX_PAUSE_MS);
    this.#timer = setTimeout(() => this.start(), this.#pauseMs);
  }
}
