import type { Readable } from 'node:stream';

/** Back-pressure with several reasons at once: the stream flows again when the last one is gone. */
export class Valve {
  readonly #stream: Readable;
  #holds = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  holdUntil(reasonIsGone: Promise<unknown>): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#stream.pause();
    void reasonIsGone.then(() => {
      this.#holds -= 1;
      if (this.#holds === 0) this.#stream.resume();
    });
  }
}
