const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** What is kept of each end of a line that is thrown away. */
const EDGE_BYTES = 512;

const EMPTY = Buffer.alloc(0);

export interface LineEvents {
  onLine(line: Buffer): void;
  /** A line over the limit was thrown away; `bytes` is its whole length, `edges` its first and last bytes. */
  onOversize(bytes: number, edges: Buffer): void;
}

/**
 * Bytes in, whole lines out. It cuts at newline bytes only, so a UTF-8 character is never split,
 * and joins the pieces of a long line once instead of at every chunk.
 */
export class LineSplitter {
  readonly #events: LineEvents;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;
  #head: Buffer = EMPTY;
  #tail: Buffer = EMPTY;

  constructor(events: LineEvents, maxBytes: number) {
    this.#events = events;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.#add(chunk.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    if (start < chunk.length) this.#add(chunk.subarray(start));
  }

  /** The stream has ended: what is left without a newline is a line too. */
  end(): void {
    if (this.#size > 0) this.#emit();
  }

  #add(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size <= this.#maxBytes) {
      this.#pieces.push(piece);
      return;
    }
    const pieces = [...this.#pieces, piece];
    if (this.#head.length === 0) this.#head = Buffer.concat(pieces, Math.min(EDGE_BYTES, this.#size));
    this.#tail = lastBytes([this.#tail, ...pieces]);
    this.#pieces = [];
  }

  #emit(): void {
    const { length } = this.#pieces;
    const size = this.#size;
    const line = length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    if (size > this.#maxBytes) this.#dropped(size);
    else this.#events.onLine(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
  }

  #dropped(size: number): void {
    const edges = Buffer.concat([this.#head, this.#tail]);
    this.#head = EMPTY;
    this.#tail = EMPTY;
    this.#events.onOversize(size, edges);
  }
}

/** Without joining all the pieces of a long line. */
function lastBytes(pieces: readonly Buffer[]): Buffer {
  let bytes = 0;
  const from = pieces.findLastIndex((piece) => {
    bytes += piece.length;
    return bytes >= EDGE_BYTES;
  });
  return Buffer.concat(pieces.slice(Math.max(0, from))).subarray(-EDGE_BYTES);
}
