import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { isJsonRpc } from '../runner/is-json-rpc.ts';

const NEWLINE = Buffer.from('\n');
const LINE_BREAKS = /[\r\n]+/g;

/** The client's end: whole JSON-RPC messages, one a line, and nothing else. */
export class Outlet {
  /** Resolves when nobody reads any more. */
  readonly closed: Promise<void>;
  readonly #stream: Writable;
  #drain: Promise<unknown> | null = null;
  #open = true;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      const close = () => {
        this.#open = false;
        resolve();
      };
      stream.on('error', close);
      stream.once('close', close);
    });
  }

  /** Whether the client has to read before more is written. */
  get blocked(): boolean {
    return this.#drain !== null;
  }

  /** Resolves when there is room for more; false for what is no message, which is not written. */
  async write(message: Buffer): Promise<boolean> {
    const line = message.includes(NEWLINE) ? onOneLine(message) : message;
    if (!isJsonRpc(line)) return false;
    if (!this.#open) return true;
    this.#stream.cork();
    this.#stream.write(line);
    const hasRoom = this.#stream.write(NEWLINE);
    this.#stream.uncork();
    if (!hasRoom) this.#drain ??= this.#drained();
    await this.#drain;
    return true;
  }

  async #drained(): Promise<void> {
    const gone = new AbortController();
    // A stream that breaks never drains.
    await Promise.race([once(this.#stream, 'drain', { signal: gone.signal }).catch(() => {}), this.closed]);
    gone.abort();
    this.#drain = null;
  }
}

function onOneLine(message: Buffer): Buffer {
  return Buffer.from(message.toString().replace(LINE_BREAKS, ' '));
}
