export interface PausePolicy {
  /** The longest first pause; it doubles with each failure in a row, up to `maxMs`. */
  readonly firstMs: number;
  readonly maxMs: number;
}

export const PAUSES: PausePolicy = { firstMs: 1_000, maxMs: 5 * 60_000 };

/** A receiver that asks for more is asked again sooner. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

/**
 * How long to wait, in ms, after so many failures in a row (1, 2, …). Half of it is left to chance, so that
 * many projects do not come back to one receiver at the same moment; `random` is between 0 and 1.
 */
export function pauseMs(
  failures: number,
  retryAfterMs: number | null,
  random: number,
  { firstMs, maxMs }: PausePolicy = PAUSES,
): number {
  const longest = Math.min(firstMs * 2 ** (failures - 1), maxMs);
  const pause = longest / 2 + (longest / 2) * random;
  return Math.max(pause, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
