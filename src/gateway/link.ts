import { SupervisorError } from '../errors.ts';

/** A JSON-RPC message as far as routing needs it. */
export interface RpcMessage {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Marks the ids of our own requests, so that no answer to a client is ever taken for ours. */
const OWN = 'supervisor:';

export function isOwnId(id: string): boolean {
  return id.startsWith(OWN);
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The JSON-RPC conversation with one child. */
export class Link {
  readonly #server: string;
  readonly #send: (line: Buffer) => void;
  readonly #pending = new Map<string, Pending>();
  #nextId = 1;
  #failure: Error | null = null;

  constructor(server: string, send: (line: Buffer) => void) {
    this.#server = server;
    this.#send = send;
  }

  /** Asks the child something on our own behalf; its JSON-RPC error rejects. */
  request(method: string, params: unknown, { timeoutMs, signal }: RequestOptions): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = `${OWN}${this.#nextId++}`;
    return new Promise((resolve, reject) => {
      const onAbort = () => settle(() => reject(signal?.reason));
      const settle = (then: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
        then();
      };
      const timer = setTimeout(() => {
        const message = `${this.#server} did not answer ${method} within ${timeoutMs / 1000} s`;
        const hint = 'See its log, or give it more time with startTimeoutMs.';
        settle(() => reject(new SupervisorError('server.handshake', message, hint)));
      }, timeoutMs);
      this.#pending.set(id, {
        resolve: (result) => settle(() => resolve(result)),
        reject: (error) => settle(() => reject(error)),
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#write({ jsonrpc: '2.0', id, method, params });
    });
  }

  notify(method: string, params?: unknown): void {
    this.#write({ jsonrpc: '2.0', method, params });
  }

  /** Takes a line from the child; false when it is no answer to one of our own requests. */
  receive(message: RpcMessage): boolean {
    if (typeof message.id !== 'string' || message.method !== undefined) return false;
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return isOwnId(message.id);
    if (message.error === undefined) pending.resolve(message.result);
    else pending.reject(rejected(this.#server, message.error));
    return true;
  }

  /** The child is gone: nothing that was asked will be answered. */
  fail(error: Error): void {
    this.#failure = error;
    for (const pending of [...this.#pending.values()]) pending.reject(error);
  }

  #write(message: RpcMessage): void {
    this.#send(Buffer.from(JSON.stringify(message)));
  }
}

function rejected(server: string, error: { code: number; message: string }): SupervisorError {
  const message = `${server} answered with error ${error.code}: ${error.message}`;
  return new SupervisorError('server.handshake', message, 'See its log.');
}
