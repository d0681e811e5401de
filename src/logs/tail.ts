import type { LogRecord } from '../model.ts';
import { type FilePosition, LineReader } from './line-reader.ts';
import { type LogFilePart, listParts, partAt } from './rotated-files.ts';

const CHUNK_BYTES = 1024 * 1024;
/** How long a writer may take to notice a rotation: until then a finished file is looked at again. */
export const LATE_MS = 5_000;
/** Of a log that is rotated many times a second, only the newest files are held open. */
export const MAX_LATE_FILES = 64;

/** How far a log has been read: plain JSON. */
export interface Cursor extends FilePosition {
  /** Rotated files, oldest first, that a writer may still add to. */
  readonly late: readonly FilePosition[];
}

/** A cursor at the beginning of the oldest file. */
export const START: Cursor = { ino: '', head: '', offset: 0, late: [] };

export interface TailRead {
  readonly records: readonly LogRecord[];
  /** There was no more to read. */
  readonly done: boolean;
}

interface LateFile {
  readonly reader: LineReader;
  readonly until: number;
}

/**
 * Reads a log from a cursor on, through rotations, and each writer's lines in their order.
 * A cursor to a file that has been rotated out goes on with the oldest one there is.
 */
export class LogTail {
  readonly #path: string;
  #from: Cursor;
  #current: LineReader | null = null;
  /** Oldest first. */
  #late: LateFile[] = [];

  constructor(path: string, from: Cursor = START) {
    this.#path = path;
    this.#from = from;
  }

  /** Reads about `maxBytes`; one call at a time. */
  async read(maxBytes = CHUNK_BYTES): Promise<TailRead> {
    this.#current ??= await this.#begin();
    if (this.#current === null) return { records: [], done: true };
    const { records, atEnd } = await this.#current.read(maxBytes);
    // After the newer file and given out before it: who has written there does not write here any more.
    const late = await this.#readLate();
    const done = atEnd && !(await this.#goOn(this.#current));
    return { records: late.concat(records), done };
  }

  /** After the records that `read` has returned. */
  cursor(): Cursor {
    if (this.#current === null) return this.#from;
    return { ...this.#current.position, late: this.#late.map(({ reader }) => reader.position) };
  }

  async close(): Promise<void> {
    const readers = this.#late.map(({ reader }) => reader);
    if (this.#current !== null) readers.push(this.#current);
    this.#from = this.cursor();
    this.#current = null;
    this.#late = [];
    await Promise.all(readers.map((reader) => reader.close()));
  }

  async #begin(): Promise<LineReader | null> {
    const current = await LineReader.open(this.#path, this.#from);
    if (current === null) return this.#openOldest(await listParts(this.#path));
    for (const position of this.#from.late) {
      const reader = await LineReader.open(this.#path, position);
      if (reader !== null) this.#addLate(reader);
    }
    return current;
  }

  /** Moves to the next newer file, if there is one. */
  async #goOn(current: LineReader): Promise<boolean> {
    // The common case: a log at rest, which is asked about four times a second.
    if ((await partAt(this.#path, 0))?.ino === current.ino) return false;
    const parts = await listParts(this.#path);
    const at = parts.findIndex((part) => part.ino === current.ino);
    const newer = at === -1 ? parts.filter((part) => this.#isUnread(part, current)) : parts.slice(0, at);
    const next = await this.#openOldest(newer);
    if (next === null) return false;
    this.#addLate(current);
    this.#current = next;
    return true;
  }

  /** Of the files that are left when `current` itself is gone. */
  #isUnread(part: LogFilePart, current: LineReader): boolean {
    return part.mtimeMs >= current.mtimeMs && !this.#late.some(({ reader }) => reader.ino === part.ino);
  }

  async #openOldest(parts: readonly LogFilePart[]): Promise<LineReader | null> {
    for (const { ino } of parts.toReversed()) {
      // One that is rotated out just now is followed by the next.
      const reader = await LineReader.open(this.#path, { ino, head: '', offset: 0 });
      if (reader !== null) return reader;
    }
    return null;
  }

  #addLate(reader: LineReader): void {
    this.#late.push({ reader, until: Date.now() + LATE_MS });
  }

  /** From the newest to the oldest, for the reason given in `read`. */
  async #readLate(): Promise<LogRecord[]> {
    let records: LogRecord[] = [];
    for (const { reader } of this.#late.toReversed()) {
      records = (await readToEnd(reader)).concat(records);
    }
    const now = Date.now();
    const gone = this.#late.filter(
      ({ until }, index) => until < now || index < this.#late.length - MAX_LATE_FILES,
    );
    this.#late = this.#late.filter((file) => !gone.includes(file));
    await Promise.all(gone.map(({ reader }) => reader.close()));
    return records;
  }
}

async function readToEnd(reader: LineReader): Promise<LogRecord[]> {
  let records: LogRecord[] = [];
  for (;;) {
    const read = await reader.read(CHUNK_BYTES);
    records = records.concat(read.records);
    if (read.atEnd) return records;
  }
}
