import { basename } from 'node:path';
import { messageOf } from '../errors.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { RotatingFile } from './rotating-file.ts';

const MIB = 1024 * 1024;
const BATCH_BYTES = MIB;
const NEWLINE = 0x0a;

export interface LogWriterOptions {
  /** The size at which the file is rotated. Default: 10 MiB. */
  readonly maxBytes?: number;
  /** How many rotated files are kept. Default: 5. */
  readonly keep?: number;
  /** How much may wait for the disk before `write` asks for a pause. Default: 4 MiB. */
  readonly highWaterBytes?: number;
  /** Told once per kind of failure. */
  readonly onError?: (error: Error) => void;
}

interface Waiter {
  readonly condition: () => boolean;
  readonly resolve: () => void;
}

/**
 * Appends whole lines to a log file, in batches: one write is under way, the lines that come
 * meanwhile go with the next. A failing disk costs lines, never the process: they are counted, and
 * the log says so once it works again.
 */
export class LogWriter {
  readonly #path: string;
  readonly #file: RotatingFile;
  readonly #batchBytes: number;
  readonly #highWaterBytes: number;
  readonly #onError: (error: Error) => void;
  readonly #reported = new Set<string>();
  #queue: string[] = [];
  #queuedBytes = 0;
  #accepted = 0;
  #settled = 0;
  #waiters: Waiter[] = [];
  #running = false;
  #closed = false;
  #lostLines = 0;
  #lostSample = '';
  /** A write ended inside a line: the next one begins with a newline. */
  #torn = false;

  constructor(path: string, options: LogWriterOptions = {}) {
    const { maxBytes = 10 * MIB, keep = 5, highWaterBytes = 4 * MIB, onError = () => {} } = options;
    this.#path = path;
    this.#onError = onError;
    this.#batchBytes = Math.min(BATCH_BYTES, maxBytes);
    this.#highWaterBytes = highWaterBytes;
    this.#file = new RotatingFile(path, { maxBytes, keep, onRotationError: (error) => this.#report(error) });
  }

  /** Takes whole lines. false: more waits than should; pause until `drained`. Nothing is dropped for it. */
  write(text: string): boolean {
    if (this.#closed) return true;
    this.#queue.push(text);
    this.#accepted += 1;
    this.#queuedBytes += Buffer.byteLength(text);
    if (!this.#running) {
      this.#running = true;
      // After the events at hand, so that a burst of lines is one write.
      setImmediate(() => void this.#run());
    }
    return this.#queuedBytes <= this.#highWaterBytes;
  }

  /** Resolves when half of what may wait has gone. */
  drained(): Promise<void> {
    return this.#when(() => this.#queuedBytes <= this.#highWaterBytes / 2);
  }

  /** Resolves once what has been written so far is in the file (or, on a failing disk, counted as lost). */
  flush(): Promise<void> {
    const target = this.#accepted;
    return this.#when(() => this.#settled >= target);
  }

  /** Flushes, and ignores what is written after. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#file.close();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      const text = batch.join('');
      await this.#append(text, batch.at(-1) ?? '');
      this.#settled += batch.length;
      this.#queuedBytes -= Buffer.byteLength(text);
      this.#wake();
    }
    this.#running = false;
  }

  #nextBatch(): string[] {
    let bytes = 0;
    const end = this.#queue.findIndex((text) => {
      bytes += Buffer.byteLength(text);
      return bytes > this.#batchBytes;
    });
    // A text that is larger than a batch goes alone.
    return this.#queue.splice(0, end === -1 ? this.#queue.length : Math.max(end, 1));
  }

  async #append(text: string, sample: string): Promise<void> {
    const notice = (this.#torn ? '\n' : '') + this.#lostNotice();
    const noticeBytes = Buffer.byteLength(notice);
    const data = Buffer.from(notice + text);
    const { bytes, error } = await this.#file.append(data);
    if (bytes > 0) this.#torn = data[bytes - 1] !== NEWLINE;
    if (bytes >= noticeBytes) this.#lostLines = 0;
    if (error === null) return;
    this.#lostLines += countLines(data.subarray(Math.max(bytes, noticeBytes)));
    this.#lostSample = sample;
    this.#report(error);
  }

  /** Made from one of the lost records, since who writes them is known to them alone. */
  #lostNotice(): string {
    if (this.#lostLines === 0) return '';
    const sample = decodeRecord(this.#lostSample);
    return encodeRecord({
      time: new Date().toISOString(),
      server: sample?.server ?? basename(this.#path, '.log'),
      generation: sample?.generation ?? 0,
      stream: 'supervisor',
      level: 'error',
      line: `Lines lost here, since the log could not be written: ${this.#lostLines}`,
    });
  }

  #report(error: unknown): void {
    const kind = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
    if (this.#reported.has(kind)) return;
    this.#reported.add(kind);
    this.#onError(error instanceof Error ? error : new Error(messageOf(error)));
  }

  #when(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ condition, resolve }));
  }

  #wake(): void {
    this.#waiters = this.#waiters.filter(({ condition, resolve }) => {
      if (!condition()) return true;
      resolve();
      return false;
    });
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
