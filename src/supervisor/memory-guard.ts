const FIRST_PAUSE_MS = 2 * 60_000;
const MAX_PAUSE_MS = 60 * 60_000;
/** So many pauses without another replacement, and the next one counts as the first. */
const CALM_PAUSES = 10;

/**
 * Says when a server that takes too much memory may be replaced: at once, but one that soon takes too
 * much again would be replaced for ever, so each further time waits twice as long.
 */
export class MemoryGuard {
  #replacedAt = Number.NEGATIVE_INFINITY;
  #pauseMs = 0;

  /** How long the next replacement must wait. */
  waitMs(now: number): number {
    return Math.max(0, this.#replacedAt + this.#pauseMs - now);
  }

  /** It is replaced now. */
  replaced(now: number): void {
    const calm = now - this.#replacedAt >= CALM_PAUSES * this.#pauseMs;
    this.#pauseMs = calm ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
    this.#replacedAt = now;
  }
}
