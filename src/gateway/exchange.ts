import type { ServerResponse } from 'node:http';
import { type SentCall, slotOf } from './connection-slot.ts';
import { EventStream } from './event-stream.ts';
import { askToResend } from './respond.ts';
import type { Session } from './session.ts';

/**
 * How long an answer may take before the response begins without it. Until then a single answer can
 * be a plain JSON body, which is cheaper; from then on a connection that breaks can be resumed.
 */
const STREAM_AFTER_MS = 1_000;
/**
 * The same for a client that could not resume. A plain answer goes on with the next supervisor, which a
 * stream without an event to resume from does not; but clients give up where no answer begins, some after 60 s.
 */
const STREAM_LATE_AFTER_MS = 20_000;
/** The first revision whose clients understand an event without data. */
const PRIMING_SINCE = '2025-11-25';

/** The answer to one POST: a JSON body where one message is all there is, else an event stream. */
export class Exchange {
  readonly #session: Session;
  readonly #response: ServerResponse;
  readonly #streamId: string;
  #unanswered: number;
  /** The one call that it is for, once a child has it. */
  #call: SentCall | null = null;
  #events: EventStream | null = null;
  #timer: NodeJS.Timeout | undefined;

  private constructor(session: Session, response: ServerResponse, streamId: string, requests: number) {
    this.#session = session;
    this.#response = response;
    this.#streamId = streamId;
    this.#unanswered = requests;
  }

  /** A POST has come. `streamId` names it in event ids; `requests` is how many answers it will carry. */
  static begin(session: Session, response: ServerResponse, streamId: string, requests: number): Exchange {
    const exchange = new Exchange(session, response, streamId, requests);
    const streamAfterMs = exchange.#canResume ? STREAM_AFTER_MS : STREAM_LATE_AFTER_MS;
    if (requests > 1) exchange.#stream();
    else exchange.#timer = setTimeout(() => exchange.#stream(), streamAfterMs);
    return exchange;
  }

  /** The client of a call that began before this supervisor did has come back for its answer. */
  static recover(session: Session, response: ServerResponse, streamId: string): Exchange {
    const exchange = new Exchange(session, response, streamId, 1);
    exchange.#stream();
    return exchange;
  }

  /** Whether its client can come back for an answer that begins without a message. */
  get #canResume(): boolean {
    return this.#session.protocolVersion >= PRIMING_SINCE;
  }

  get streamId(): string {
    return this.#streamId;
  }

  /** Its call goes to a child, or is with one: if this process is killed, the next one can go on with it. */
  sent(call: SentCall): void {
    if (this.#unanswered !== 1) return;
    this.#call = call;
    slotOf(this.#response)?.sent(call, this.#events !== null);
  }

  /** Something on the way to the answer: a notification, or a request to the client. */
  push(message: Buffer): void {
    this.#stream();
    const event = this.#session.events.add(this.#streamId, message);
    this.#events?.send(event.id, message);
  }

  /** An answer; the last one ends the exchange. */
  answer(message: Buffer): void {
    this.#unanswered -= 1;
    clearTimeout(this.#timer);
    if (this.#events === null) {
      this.#json(message);
      return;
    }
    this.push(message);
    if (this.#unanswered <= 0) this.#events.end();
  }

  /** Has the client send its one request again. False where an answer has begun, or nobody is there. */
  sendBack(): boolean {
    if (this.#events !== null || this.#response.destroyed) return false;
    clearTimeout(this.#timer);
    askToResend(this.#response);
    return true;
  }

  /** The client has taken its request back: there will be no answer. */
  drop(): void {
    this.#unanswered -= 1;
    if (this.#unanswered > 0) return;
    clearTimeout(this.#timer);
    this.#stream();
    this.#events?.end();
  }

  /** A client that lost the connection has come back for the rest; it is heard of on `response`. */
  resume(events: EventStream, response: ServerResponse): void {
    this.#events = events;
    if (this.#call !== null) slotOf(response)?.sent(this.#call, true);
  }

  #json(message: Buffer): void {
    if (this.#response.destroyed) {
      // Its client may come back for it.
      this.#session.events.add(this.#streamId, message);
      return;
    }
    const slot = slotOf(this.#response);
    const headers = { 'content-type': 'application/json', 'content-length': message.length };
    slot?.answered();
    this.#response.writeHead(200, { ...headers, ...this.#session.headers });
    this.#response.end(message);
    // To a client that reads slowly: what the kernel has not taken yet would be lost with us.
    if ((this.#response.socket?.writableLength ?? 0) > 0) slot?.answering();
  }

  #stream(): void {
    if (this.#events !== null || this.#response.headersSent || this.#response.destroyed) return;
    clearTimeout(this.#timer);
    slotOf(this.#response)?.streaming();
    this.#events = new EventStream(this.#response, this.#session.headers);
    if (this.#canResume) this.#events.prime(this.#session.events.mark(this.#streamId));
  }
}
