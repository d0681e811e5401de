import type { FileHandle } from 'node:fs/promises';
import type { LogRecord } from '../model.ts';
import { decodeRecord } from './record.ts';
import { openPart } from './rotated-files.ts';

const NEWLINE = 0x0a;
/** The time of the first record: with the inode, which a later file may be given again, it names a file. */
const HEAD_BYTES = 40;
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** How far a file has been read: plain JSON. */
export interface FilePosition {
  readonly ino: string;
  /** The file's first bytes as far as they were known. */
  readonly head: string;
  /** Where the first unread line begins. */
  readonly offset: number;
}

export interface ReadResult {
  readonly records: readonly LogRecord[];
  /** There was no more to read. */
  readonly atEnd: boolean;
}

/** Reads on in one open file of a log. It cuts at newline bytes only, so UTF-8 is never split. */
export class LineReader {
  readonly ino: string;
  /** When the file was written to last, as of the last read. */
  mtimeMs = 0;
  readonly #handle: FileHandle;
  #head: string;
  #position: number;
  /** The beginning of a line whose newline has not come yet. */
  #pieces: Buffer[] = [];
  #pendingBytes = 0;
  /** In the middle of a line that is longer than any that is kept. */
  #skipping = false;

  private constructor(handle: FileHandle, from: FilePosition) {
    this.#handle = handle;
    this.ino = from.ino;
    this.#head = from.head;
    this.#position = from.offset;
  }

  /** Opens the file of the log at `path` that `from` is about; null when it is gone. */
  static async open(path: string, from: FilePosition): Promise<LineReader | null> {
    const handle = await openPart(path, from.ino);
    if (handle === null) return null;
    const head = await readAt(handle, 0, Math.min(HEAD_BYTES, from.offset));
    if (head.toString('latin1').startsWith(from.head)) {
      return new LineReader(handle, { ...from, head: head.toString('latin1') });
    }
    await handle.close();
    return null;
  }

  get position(): FilePosition {
    return { ino: this.ino, head: this.#head, offset: this.#position - this.#pendingBytes };
  }

  async read(maxBytes: number): Promise<ReadResult> {
    const { size, mtimeMs } = await this.#handle.stat();
    this.mtimeMs = Math.floor(mtimeMs);
    if (size < this.#position) this.#startOver();
    const chunk = await readAt(this.#handle, this.#position, Math.min(maxBytes, size - this.#position));
    if (this.#position === this.#head.length) {
      this.#head += chunk.toString('latin1', 0, Math.max(HEAD_BYTES - this.#position, 0));
    }
    this.#position += chunk.length;
    return { records: this.#take(chunk), atEnd: this.#position >= size || chunk.length === 0 };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** Somebody has emptied the file. */
  #startOver(): void {
    this.#position = 0;
    this.#head = '';
    this.#hold([]);
    this.#skipping = false;
  }

  #take(chunk: Buffer): LogRecord[] {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      if (!this.#skipping && chunk.length > 0) this.#hold([...this.#pieces, chunk]);
      return [];
    }
    const lines = Buffer.concat([...this.#pieces, chunk.subarray(0, end)])
      .toString()
      .split('\n');
    if (this.#skipping) lines.shift();
    this.#skipping = false;
    const rest = chunk.subarray(end + 1);
    // A copy, so that a few bytes do not keep the whole chunk alive.
    this.#hold(rest.length > 0 ? [Buffer.from(rest)] : []);
    return lines.map(decodeRecord).filter((record) => record !== null);
  }

  #hold(pieces: Buffer[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#skipping = bytes > MAX_LINE_BYTES;
    this.#pieces = this.#skipping ? [] : pieces;
    this.#pendingBytes = this.#skipping ? 0 : bytes;
  }
}

/** As much of the file as there is; less at its end. */
export async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(bytes, 0));
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
