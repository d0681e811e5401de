import type { IncomingMessage } from 'node:http';
import { refusal } from './problem.ts';
import type { Reach } from './reach.ts';
import type { Sending } from './wire.ts';

/** A session that the gateway has given out. */
export interface Session {
  readonly id: string;
  readonly protocolVersion: string;
}

/** A call's answer begins within a second, if only as a stream; a gateway that takes longer hangs. */
export const ANSWER_MS = 60_000;
/** A stream begins at once. */
const LISTEN_MS = 10_000;
const GOODBYE_MS = 1_000;

/** The server's endpoint, as Streamable HTTP has it. Whatever is not accepted is thrown as a `Problem`. */
export class Endpoint {
  readonly #reach: Reach;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** A message of the client; null: it begins a session. */
  post(
    session: Session | null,
    body: Buffer,
    options: Pick<Sending, 'signal' | 'answerMs' | 'onSent'>,
  ): Promise<IncomingMessage> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headersOf(session),
    };
    return this.#send({ method: 'POST', headers, body, ...options });
  }

  /** The stream of what belongs to no request, or any stream from where it was lost. */
  listen(
    session: Session,
    lastEventId: string | null,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<IncomingMessage> {
    const from = lastEventId === null ? {} : { 'last-event-id': lastEventId };
    const headers = { accept: 'text/event-stream', ...headersOf(session), ...from };
    return this.#send({ method: 'GET', headers, signal, answerMs: LISTEN_MS }, patienceMs);
  }

  /** Ends the session, so that the gateway need not keep it until it has been idle for long. */
  async leave(session: Session): Promise<void> {
    const headers = headersOf(session);
    try {
      const signal = AbortSignal.timeout(GOODBYE_MS);
      (await this.#send({ method: 'DELETE', headers, signal }, 0)).resume();
    } catch {
      // Without a supervisor there is nobody to tell, and it drops idle sessions by itself.
    }
  }

  async #send(sending: Sending, patienceMs?: number): Promise<IncomingMessage> {
    const response = await this.#reach.send(sending, patienceMs);
    if (response.statusCode === 200 || response.statusCode === 202) return response;
    throw await refusal(response);
  }
}

function headersOf(session: Session | null): Readonly<Record<string, string>> {
  if (session === null) return {};
  return { 'mcp-session-id': session.id, 'mcp-protocol-version': session.protocolVersion };
}
