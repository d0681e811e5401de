import type { RestartPolicy } from '../model.ts';

/** Counts crashes in a row and says when to try again, or that it is enough. */
export class BackOff {
  readonly #policy: RestartPolicy;
  #crashes = 0;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** Crashes in a row, none of which came after a stable run. */
  get crashes(): number {
    return this.#crashes;
  }

  /**
   * Notes a crash after `uptimeMs` of service. Returns the pause before the next start in ms, none
   * after the first crash, or null when the server is given up.
   */
  next(uptimeMs: number): number | null {
    const { maxRestarts, minUptimeMs, backoffMs, maxBackoffMs } = this.#policy;
    this.#crashes = uptimeMs >= minUptimeMs ? 1 : this.#crashes + 1;
    if (this.#crashes > maxRestarts) return null;
    if (this.#crashes === 1) return 0;
    return Math.min(backoffMs * 2 ** (this.#crashes - 2), maxBackoffMs);
  }
}
