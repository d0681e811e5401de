import type { Readable } from 'node:stream';

/** What the client may have sent that the gateway does not have yet. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Counts what waits to be sent: while that is too much, the client is not read. */
export class Backlog {
  readonly #input: Readable;
  #bytes = 0;

  constructor(input: Readable) {
    this.#input = input;
  }

  /** So many bytes wait, until what is returned is called. */
  hold(bytes: number): () => void {
    let held = true;
    this.#bytes += bytes;
    if (this.#bytes > MAX_BYTES) this.#input.pause();
    return () => {
      if (held) this.#bytes -= bytes;
      held = false;
      if (this.#bytes <= MAX_BYTES && this.#input.isPaused()) this.#input.resume();
    };
  }
}
