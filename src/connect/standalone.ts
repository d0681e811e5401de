import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint, Session } from './endpoint.ts';
import { eventsOf } from './events.ts';
import type { Outlet } from './outlet.ts';
import { SessionLost } from './problem.ts';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

export interface StandaloneOptions {
  readonly endpoint: Endpoint;
  readonly outlet: Outlet;
  readonly onLost: (session: Session) => void;
}

/** The stream of what belongs to no request: open as long as the session lasts, and resumed where it broke. */
export class Standalone {
  readonly #options: StandaloneOptions;
  #over = new AbortController();

  constructor(options: StandaloneOptions) {
    this.#options = options;
  }

  /** Listens in this session, and no longer in the one before. */
  follow(session: Session): void {
    this.stop();
    this.#over = new AbortController();
    void this.#listen(session, this.#over.signal);
  }

  stop(): void {
    this.#over.abort();
  }

  async #listen(session: Session, signal: AbortSignal): Promise<void> {
    const { endpoint, outlet, onLost } = this.#options;
    let lastEventId: string | null = null;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const response = await endpoint.listen(session, lastEventId, signal, Number.POSITIVE_INFINITY);
        pauseMs = FIRST_PAUSE_MS;
        for await (const { id, data } of eventsOf(response, () => outlet.blocked)) {
          lastEventId = id ?? lastEventId;
          if (data !== null) await outlet.write(data);
        }
      } catch (error) {
        if (error instanceof SessionLost && !signal.aborted) return onLost(session);
        // It broke off, or is refused for now: the next try tells.
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }
}
