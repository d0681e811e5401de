import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginningOf } from '../gateway/event-store.ts';
import { isAnswer } from './client-line.ts';
import type { Conversation } from './conversation.ts';
import { ANSWER_MS, type Endpoint, type Session } from './endpoint.ts';
import { eventsOf } from './events.ts';
import type { Outlet } from './outlet.ts';
import { answerFor, bodyOf, lostCall, Problem, SessionLost, stranger } from './problem.ts';
import { Cut } from './wire.ts';

const MAX_ATTEMPTS = 3;
const PAUSE_MS = 100;
/** How long a call is waited for of which nobody knows whether it has reached the server. */
const UNHEARD_MS = 30_000;

export interface RequestOptions {
  /** JSON text of the client's id. */
  readonly rawId: string;
  readonly body: Buffer;
  readonly conversation: Conversation;
  readonly endpoint: Endpoint;
  readonly outlet: Outlet;
  /** The gateway has the whole message. */
  readonly onSent: () => void;
}

/** A request of the client on its way: every one gets exactly one answer, unless the client takes it back. */
export class ClientRequest {
  readonly #options: RequestOptions;
  readonly #over = new AbortController();
  #lastEventId: string;
  #sent = false;
  #cancelled = false;
  /** Whether the gateway has shown that it has the request. */
  #isThere = false;
  /** Until when it is waited for where that is not known. */
  #patientUntil = Number.POSITIVE_INFINITY;

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#lastEventId = beginningOf(options.rawId);
  }

  get rawId(): string {
    return this.#options.rawId;
  }

  async run(): Promise<void> {
    const { outlet, rawId } = this.#options;
    try {
      await this.#carry();
    } catch (error) {
      if (!this.#over.signal.aborted && !this.#cancelled) await outlet.write(answerFor(rawId, error));
    }
  }

  /** The client does not want the answer any more. Whether the gateway has to be told. */
  cancel(): boolean {
    this.#cancelled = true;
    if (!this.#sent) this.abandon();
    return this.#sent;
  }

  /** Nobody waits for the answer. */
  abandon(): void {
    this.#over.abort();
  }

  /** What the gateway has not looked at, since it did not know the session, is sent in a new one. */
  async #carry(): Promise<void> {
    const { conversation } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const session = await conversation.current();
      try {
        const response = await this.#post(session);
        return await this.#follow(session, response);
      } catch (error) {
        if (!(error instanceof SessionLost) || attempt === MAX_ATTEMPTS) throw error;
        conversation.lost(session);
      }
    }
  }

  /** Null where the connection broke before there was an answer. */
  async #post(session: Session): Promise<IncomingMessage | null> {
    const { body, endpoint, onSent } = this.#options;
    const sent = () => {
      this.#sent = true;
      onSent();
    };
    const options = { signal: this.#over.signal, answerMs: ANSWER_MS, onSent: sent };
    try {
      const response = await endpoint.post(session, body, options);
      this.#isThere = true;
      return response;
    } catch (error) {
      if (error instanceof Cut) return null;
      throw error;
    }
  }

  /** Hands over what comes until the answer is there, also across connections. */
  async #follow(session: Session, first: IncomingMessage | null): Promise<void> {
    let response = first;
    for (;;) {
      if (response !== null && (await this.#deliver(response))) return;
      if (this.#cancelled) return;
      if (Date.now() >= this.#patientUntil) throw lostCall('The supervisor was restarted');
      if (!this.#isThere) this.#patientUntil = Math.min(this.#patientUntil, Date.now() + UNHEARD_MS);
      await sleep(PAUSE_MS, undefined, { signal: this.#over.signal });
      response = await this.#resume(session);
    }
  }

  async #resume(session: Session): Promise<IncomingMessage> {
    const { conversation, endpoint } = this.#options;
    try {
      return await endpoint.listen(session, this.#lastEventId, this.#over.signal);
    } catch (error) {
      if (error instanceof SessionLost) conversation.lost(session);
      if (error instanceof Problem) throw lostCall('The connection to the supervisor broke');
      throw error;
    }
  }

  /** Whether the answer was among what came; false where the connection broke off before. */
  async #deliver(response: IncomingMessage): Promise<boolean> {
    const isStream = response.headers['content-type'] === 'text/event-stream';
    try {
      return isStream ? await this.#deliverEvents(response) : await this.#deliverBody(response);
    } catch (error) {
      if (error instanceof Cut) return false;
      throw error;
    }
  }

  async #deliverBody(response: IncomingMessage): Promise<boolean> {
    if (await this.#options.outlet.write(await bodyOf(response))) return true;
    throw stranger();
  }

  async #deliverEvents(response: IncomingMessage): Promise<boolean> {
    const { outlet } = this.#options;
    const patienceMs = this.#patientUntil - Date.now();
    const timer = Number.isFinite(patienceMs) ? setTimeout(() => response.destroy(), patienceMs) : undefined;
    let answered = false;
    try {
      for await (const { id, data } of eventsOf(response, () => outlet.blocked)) {
        this.#lastEventId = id ?? this.#lastEventId;
        if (data === null) continue;
        clearTimeout(timer);
        this.#isThere = true;
        this.#patientUntil = Number.POSITIVE_INFINITY;
        await outlet.write(data);
        answered ||= isAnswer(data);
      }
      return answered;
    } finally {
      clearTimeout(timer);
    }
  }
}
