import type { ServerResponse } from 'node:http';

/** Proxies and clients drop connections that are silent for half a minute. */
const KEEP_ALIVE_MS = 15_000;
/** A client that reads slower than this piles up is cut off; it can resume. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 500;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** Server-sent events on one HTTP response. */
export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, { ...HEADERS, ...headers });
    response.flushHeaders();
    // A client that has gone already is not told again that the response is closed.
    if (!this.open) return;
    const keepAlive = setInterval(() => this.#write(': keep-alive\n\n'), KEEP_ALIVE_MS);
    response.once('close', () => clearInterval(keepAlive));
  }

  get open(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  /** An event without data, which only tells where to resume: for clients since 2025-11-25. */
  prime(id: string): void {
    this.#write(`id: ${id}\nretry: ${RETRY_MS}\ndata: \n\n`);
  }

  send(id: string, message: Buffer): void {
    this.#response.cork();
    this.#write(`event: message\nid: ${id}\ndata: `);
    this.#write(onOneEventLine(message));
    this.#write('\n\n');
    this.#response.uncork();
    if (this.#response.writableLength > MAX_BUFFERED_BYTES) this.#response.destroy();
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  end(): void {
    this.#response.end();
  }

  #write(data: string | Buffer): void {
    if (this.open) this.#response.write(data);
  }
}

const CARRIAGE_RETURN = 0x0d;

/** A message of a child is one line for stdio; here a carriage return, white space in JSON, would end it too. */
function onOneEventLine(message: Buffer): Buffer {
  return message.includes(CARRIAGE_RETURN) ? Buffer.from(message.toString().replaceAll('\r', ' ')) : message;
}
