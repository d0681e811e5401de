import { type Cursor, LogTail } from '../logs/tail.ts';
import type { Generation, LogRecord, WarningDraft } from '../model.ts';
import { findings, type Rule } from '../warnings/rules.ts';

const READ_BYTES = 1024 * 1024;
/** Where each session has its own child, generations come and go all day. */
const MAX_GENERATIONS = 100;

export interface RuleWatchOptions {
  readonly file: string;
  /** Where the supervisor before this one stopped reading; null: at the beginning. */
  readonly from: Cursor | null;
  /** The rules of one generation; they may remember what they saw, so each asks once. */
  readonly rulesFor: (generation: Generation) => readonly Rule[];
  readonly onFinding: (generation: Generation, draft: WarningDraft) => void;
  readonly onCursor: (cursor: Cursor) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Holds a server's log file against its rules. The file is the one truth: what was printed while no
 * supervisor ran is read afterwards, and a flood is read at the reader's own pace.
 */
export class RuleWatch {
  readonly #options: RuleWatchOptions;
  readonly #tail: LogTail;
  readonly #rules = new Map<Generation, readonly Rule[]>();
  #reading: Promise<void> | null = null;
  /** Without them nothing is read: a line is judged once. */
  #hasRules = false;
  #again = false;

  constructor(options: RuleWatchOptions) {
    this.#options = options;
    this.#tail = new LogTail(options.file, options.from ?? undefined);
  }

  /** There are new lines. */
  poke(): void {
    void this.read();
  }

  /** Resolves when everything that was in the file at the call has been looked at. */
  read(): Promise<void> {
    if (!this.#hasRules) return Promise.resolve();
    this.#again = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** The config has been read, and may have other rules now. */
  useRules(): void {
    this.#rules.clear();
    this.#hasRules = true;
    this.poke();
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        let done = false;
        while (!done) {
          const batch = await this.#tail.read(READ_BYTES);
          for (const record of batch.records) this.#judge(record);
          done = batch.done;
        }
        this.#options.onCursor(this.#tail.cursor());
      }
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #judge(record: LogRecord): void {
    const { generation } = record;
    for (const draft of findings(this.#rulesOf(generation), record)) {
      this.#options.onFinding(generation, draft);
    }
  }

  #rulesOf(generation: Generation): readonly Rule[] {
    const known = this.#rules.get(generation);
    if (known !== undefined) return known;
    const rules = this.#options.rulesFor(generation);
    this.#rules.set(generation, rules);
    const [oldest] = this.#rules.keys();
    if (this.#rules.size > MAX_GENERATIONS && oldest !== undefined) this.#rules.delete(oldest);
    return rules;
  }
}
