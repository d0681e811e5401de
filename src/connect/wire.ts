import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** Where the endpoint is, and what it lets in. */
export interface Place {
  readonly url: string;
  /** null: it asks for none. */
  readonly token: string | null;
}

/** What was to be sent has not arrived, or can be asked again. */
export class Unreachable extends Error {}

/** The connection broke when a message was sent that had not been answered: it may have arrived. */
export class Cut extends Error {}

export interface Sending {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
  /** How long the answer to a message may take to begin; without it, as long as it likes. */
  readonly answerMs?: number;
  /** The gateway has the whole message. */
  readonly onSent?: () => void;
}

/** The gateway shows that it is there as soon as it has the head of a request. */
const ALIVE_MS = 10_000;
/** What the next supervisor says to a request that the one before it has not carried out. */
const RESEND = 307;

/** Less than the gateway's own, so that it does not close a connection that we are just using. */
const IDLE_CONNECTION_MS = 30_000;

/** HTTP to the gateway, with as many connections as there are messages that wait for their answers. */
export class Wire {
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  /**
   * Resolves with the head of the answer; rejects with `Unreachable`, `Cut` or the signal's reason.
   * A message follows when the gateway has said `100 Continue`: a process that is being killed takes
   * bytes for a while, and nobody could tell whether it has read them.
   */
  send(place: Place, sending: Sending): Promise<IncomingMessage> {
    const { method, body, signal, answerMs, onSent } = sending;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let sent = false;
      const request = httpRequest(place.url, {
        method,
        agent: this.#agent,
        headers: headersOf(place, sending),
      });
      const giveUp = (ms: number) => setTimeout(() => request.destroy(silent(ms)), ms);
      let timer: NodeJS.Timeout | undefined = giveUp(ALIVE_MS);
      const onAbort = () => request.destroy();
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', onAbort));
      request.once('continue', () => request.end(body));
      request.once('finish', () => {
        if (body === undefined) return;
        clearTimeout(timer);
        timer = answerMs === undefined ? undefined : giveUp(answerMs);
        sent = true;
        onSent?.();
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        if (response.statusCode !== RESEND) resolve(response);
        else {
          response.resume();
          reject(new Unreachable('the supervisor was restarted before it had read this'));
        }
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        if (signal.aborted) reject(signal.reason);
        else reject(sent ? new Cut(error.message) : new Unreachable(error.message));
      });
      if (body === undefined) request.end();
      else request.flushHeaders();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function headersOf({ token }: Place, { headers, body }: Sending): Record<string, string | number> {
  return {
    ...headers,
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-length': body.length, expect: '100-continue' }),
  };
}

function silent(ms: number): Error {
  return new Error(`silent for ${ms / 1000} s`);
}
