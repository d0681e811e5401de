import { setTimeout as sleep } from 'node:timers/promises';

/** A deadline for hangs: far more than the slowest machine needs. */
export const HANG_MS = 45_000;
const POLL_MS = 25;

/**
 * What `probe` returns, as soon as that is neither undefined, null nor false. Fails after the deadline
 * with `what`, and with what `probe` threw last, if it did.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs: number = HANG_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      const result = await probe();
      if (result !== undefined && result !== null && result !== false) {
        return result as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      problem = error;
    }
    if (Date.now() > deadline)
      throw new Error(`after ${timeoutMs} ms still not: ${what}`, { cause: problem });
    await sleep(POLL_MS);
  }
}
