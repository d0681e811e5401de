import { CheckThread, type ConfigCheck } from './check-thread.ts';

/**
 * The `check` functions of one version of a config. Those that are asked at the same time share a thread, in
 * which the config is loaded once; it ends with the last of them. So nothing of a config stays running, and a
 * version that is saved later, which wants another one of these, is never answered for by an older one.
 */
export class ConfigChecks {
  readonly #file: string;
  readonly #publicEntry: string;
  #thread: CheckThread | null = null;

  constructor(file: string, publicEntry: string) {
    this.#file = file;
    this.#publicEntry = publicEntry;
  }

  /** Calls the `check` of a server, which must be a function, and returns what it does; rejects where it does. */
  async call(check: ConfigCheck, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (this.#thread === null || this.#thread.isOver) {
      this.#thread = new CheckThread(this.#file, this.#publicEntry);
    }
    return this.#thread.call(check, signal);
  }
}
