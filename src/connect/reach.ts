import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, SupervisorError } from '../errors.ts';
import { type Place, type Sending, Unreachable, Wire } from './wire.ts';

/**
 * How long a message waits for a supervisor that is away: a restart takes less, a `down` may last. The
 * SDKs' clients give up after a minute, and shall know the reason by then.
 */
const PATIENCE_MS = 50_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

export interface ReachOptions {
  /** Asks the supervisor; throws while there is none. */
  readonly locate: () => Promise<Place>;
  /** Says something to whoever reads our stderr. */
  readonly tell: (text: string) => void;
  /** How long a message waits for a supervisor that is away. */
  readonly patienceMs?: number;
}

/** Finds the gateway, and finds it again when the supervisor was away. */
export class Reach {
  readonly #options: ReachOptions;
  readonly #wire = new Wire();
  #place: Promise<Place> | null = null;
  #away = false;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /**
   * Tries until the gateway is reached, and throws the last error when patience is at its end. What may
   * have arrived is not sent again: that is `Cut`.
   */
  async send(
    sending: Sending,
    patienceMs: number = this.#options.patienceMs ?? PATIENCE_MS,
  ): Promise<IncomingMessage> {
    const response = await this.#untilReached(sending, patienceMs);
    if (response.statusCode !== 401) return response;
    // The token may have been made anew while we were here.
    response.resume();
    this.#place = null;
    return this.#untilReached(sending, patienceMs);
  }

  /** Whether the last attempt has failed. */
  get away(): boolean {
    return this.#away;
  }

  close(): void {
    this.#wire.close();
  }

  async #untilReached(sending: Sending, patienceMs: number): Promise<IncomingMessage> {
    const { signal } = sending;
    const deadline = Date.now() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        const response = await this.#wire.send(await this.#find(), sending);
        this.#note(null);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Unreachable || error instanceof SupervisorError)) throw error;
        // Its port may be another one when it is back.
        this.#place = null;
        this.#note(error);
        if (Date.now() >= deadline) throw error;
      }
      await sleep(pauseMs, undefined, { signal });
    }
  }

  /** Those who ask at the same time ask once. */
  #find(): Promise<Place> {
    this.#place ??= this.#options.locate();
    return this.#place;
  }

  #note(error: Error | null): void {
    const away = error !== null;
    if (away === this.#away) return;
    this.#away = away;
    this.#options.tell(away ? `waiting for the supervisor: ${messageOf(error)}` : 'the supervisor is back');
  }
}
