import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** Where the endpoint is, and what it lets in. */
export interface Place {
  readonly url: string;
  /** null: it asks for none. */
  readonly token: string | null;
}

/** What was to be sent has not arrived: it can be sent again. */
export class Unreachable extends Error {}

/** The connection broke: what was sent may have arrived. */
export class Cut extends Error {}

export interface Sending {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
  /** How long the answer may take to begin; without it, as long as it likes. */
  readonly answerMs?: number;
  /** The body is on its way. */
  readonly onSent?: () => void;
}

/** Less than the gateway's own, so that a connection is never used at the moment it closes it. */
const IDLE_CONNECTION_MS = 30_000;

/** HTTP to the gateway: one connection for each message that waits for its answer. */
export class Wire {
  readonly #agent = new Agent({ keepAlive: true, noDelay: true, timeout: IDLE_CONNECTION_MS });

  /** Resolves with the answer's head. Rejects with `Unreachable` or `Cut`, or with the signal's reason. */
  send(place: Place, { method, headers, body, signal, answerMs, onSent }: Sending): Promise<IncomingMessage> {
    const credentials = place.token === null ? {} : { authorization: `Bearer ${place.token}` };
    const length = body === undefined ? {} : { 'content-length': body.length };
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let sent = false;
      const request = httpRequest(place.url, {
        method,
        agent: this.#agent,
        headers: { ...headers, ...credentials, ...length },
      });
      const onAbort = () => request.destroy();
      const timer =
        answerMs === undefined ? undefined : setTimeout(() => request.destroy(silent(answerMs)), answerMs);
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', onAbort));
      // Only a whole body is ever looked at.
      request.once('finish', () => {
        sent = request.socket?.connecting === false;
        onSent?.();
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        if (signal.aborted) reject(signal.reason);
        else reject(sent ? new Cut(error.message) : new Unreachable(error.message));
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function silent(answerMs: number): Error {
  return new Error(`no answer within ${answerMs / 1000} s`);
}
