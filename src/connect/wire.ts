import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';

/** Where the endpoint is, and what it lets in. */
export interface Place {
  readonly url: string;
  /** null: it asks for none. */
  readonly token: string | null;
}

/** What was to be sent has not arrived, or can be asked again. */
export class Unreachable extends Error {}

/** The connection broke when a message was sent and not answered: it may have arrived. */
export class Cut extends Error {}

export interface Sending {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
  /** How long the answer may take to begin; without it, as long as it likes. */
  readonly answerMs?: number;
  /** The message is on its way, and cannot be held back any more. */
  readonly onSent?: () => void;
}

/** What the next supervisor says to a request that the one before it has not carried out. */
const RESEND = 307;
/** Less than the gateway's own, so that it does not close a connection that we are just using. */
const IDLE_CONNECTION_MS = 30_000;

/** HTTP to the gateway, with as many connections as there are messages that wait for their answers. */
export class Wire {
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  /** Resolves with the head of the answer; rejects with `Unreachable`, `Cut` or the signal's reason. */
  send({ url, token }: Place, sending: Sending): Promise<IncomingMessage> {
    const { method, headers, body, signal, answerMs, onSent } = sending;
    const credentials = token === null ? {} : { authorization: `Bearer ${token}` };
    const length = body === undefined ? {} : { 'content-length': body.length };
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let sent = false;
      const request = httpRequest(url, {
        method,
        agent: this.#agent,
        headers: { ...headers, ...credentials, ...length },
      });
      const giveUp = (ms: number) => setTimeout(() => request.destroy(silent(ms)), ms);
      const timer = answerMs === undefined ? undefined : giveUp(answerMs);
      const onAbort = () => request.destroy();
      signal.addEventListener('abort', onAbort, { once: true });
      request.once('close', () => signal.removeEventListener('abort', onAbort));
      // Nobody looks at a message before it is there as a whole, and to listen twice does no harm.
      request.once('finish', () => {
        sent = body !== undefined;
        onSent?.();
      });
      request.once('response', (response) => {
        clearTimeout(timer);
        if (response.statusCode !== RESEND) return resolve(response);
        response.destroy();
        reject(new Unreachable('the supervisor was restarted before it had read this'));
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        if (signal.aborted) reject(signal.reason);
        else reject(sent ? new Cut(error.message) : new Unreachable(error.message));
      });
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function silent(ms: number): Error {
  return new Error(`silent for ${ms / 1000} s`);
}
