import { guessLevel } from '../logs/level.ts';
import { encodeRecord } from '../logs/record.ts';
import { createRedactor, type Redactor } from '../logs/redact.ts';
import { LogWriter } from '../logs/writer.ts';
import type { LogStream } from '../model.ts';
import type { StartOrder } from './protocol.ts';

/** Many lines are announced at once, so that a chatty child does not keep the supervisor busy. */
const ANNOUNCE_MS = 50;
const SAMPLE_CHARS = 200;

export interface ChildLogEvents {
  onLogged(): void;
  onFailure(message: string): void;
}

/** The child's lines on their way to `logs/<server>.log`: stamped, redacted, whole. */
export class ChildLog {
  readonly #order: StartOrder;
  readonly #events: ChildLogEvents;
  readonly #writer: LogWriter;
  #redact: Redactor;
  #announcement: NodeJS.Timeout | null = null;

  constructor(order: StartOrder, events: ChildLogEvents) {
    this.#order = order;
    this.#events = events;
    this.#redact = createRedactor(order.secrets);
    this.#writer = new LogWriter(order.log.file, {
      maxBytes: order.log.maxBytes,
      keep: order.log.keep,
      onError: (error) => events.onFailure(error.message),
    });
  }

  /** Returns false when lines come faster than the disk takes them: wait for `drained`. */
  write(bytes: Buffer, stream: LogStream): boolean {
    const line = this.#redact(bytes.toString());
    this.#announce();
    return this.#writer.write(
      encodeRecord({
        time: new Date().toISOString(),
        server: this.#order.server,
        generation: this.#order.generation,
        stream,
        level: guessLevel(line),
        line,
      }),
    );
  }

  /** The beginning of a line, fit to be shown. */
  sample(bytes: Buffer): string {
    return this.#redact(bytes.toString()).slice(0, SAMPLE_CHARS);
  }

  drained(): Promise<void> {
    return this.#writer.drained();
  }

  /** Resolves once every line so far is in the file. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  hide(secrets: readonly string[]): void {
    this.#redact = createRedactor([...this.#order.secrets, ...secrets]);
  }

  async close(): Promise<void> {
    if (this.#announcement !== null) clearTimeout(this.#announcement);
    await this.#writer.close();
  }

  #announce(): void {
    this.#announcement ??= setTimeout(async () => {
      this.#announcement = null;
      await this.#writer.flush();
      this.#events.onLogged();
    }, ANNOUNCE_MS);
  }
}
