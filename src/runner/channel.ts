import type { Socket } from 'node:net';
import { drained } from './drained.ts';
import type { FromRunner, ToRunner } from './protocol.ts';

/**
 * Frames on the socket between the supervisor and a runner: u32be length, u8 kind, payload.
 * JSON-RPC lines travel as the child's own bytes: nobody on the way parses or re-encodes them.
 */
const HEADER_BYTES = 5;
const CONTROL = 1;
const RPC = 2;
/** How long a peer that hangs may keep us from closing. */
const END_MS = 3_000;

export interface ChannelEvents<In> {
  onControl(message: In): void;
  onRpc(line: Buffer): void;
  onClose(): void;
}

/** One end of the socket; `In` and `Out` are the control messages of each direction. */
export class Channel<In extends ToRunner | FromRunner, Out extends ToRunner | FromRunner> {
  readonly #socket: Socket;
  readonly #events: ChannelEvents<In>;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #closed = false;
  #drained: Promise<void> | null = null;

  constructor(socket: Socket, events: ChannelEvents<In>) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // An error is always followed by close, which is what both ends act on.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#closed = true;
      events.onClose();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Returns false when the peer is slow: wait for `drained` before sending more. */
  sendControl(message: Out): boolean {
    return this.#send(CONTROL, Buffer.from(JSON.stringify(message)));
  }

  sendRpc(line: Buffer): boolean {
    return this.#send(RPC, line);
  }

  /** Resolves when the socket takes more, or is gone. One promise for all who wait: every line asks. */
  drained(): Promise<void> {
    this.#drained ??= drained(this.#socket).then(() => {
      this.#drained = null;
    });
    return this.#drained;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends what is queued, then closes; a peer that does not take it is not waited for. */
  end(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#socket.destroy(), END_MS);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.end();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #send(kind: number, payload: Buffer): boolean {
    if (this.#closed || this.#socket.destroyed) return true;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32BE(payload.length, 0);
    header.writeUInt8(kind, 4);
    this.#socket.cork();
    this.#socket.write(header);
    const free = this.#socket.write(payload);
    this.#socket.uncork();
    return free;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= HEADER_BYTES) {
      const head = this.#peekHeader();
      const total = HEADER_BYTES + head.readUInt32BE(0);
      if (this.#buffered < total) return;
      const frame = this.#take(total);
      this.#deliver(frame.readUInt8(4), frame.subarray(HEADER_BYTES));
    }
  }

  #peekHeader(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= HEADER_BYTES) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  /** A large frame is joined once, when it is complete, and not at every chunk. */
  #take(bytes: number): Buffer {
    const [first] = this.#chunks;
    const joined =
      first !== undefined && first.length >= bytes && this.#chunks.length === 1
        ? first
        : Buffer.concat(this.#chunks);
    const rest = joined.subarray(bytes);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
    return joined.subarray(0, bytes);
  }

  #deliver(kind: number, payload: Buffer): void {
    if (kind === RPC) this.#events.onRpc(payload);
    else this.#events.onControl(JSON.parse(payload.toString()) as In);
  }
}
