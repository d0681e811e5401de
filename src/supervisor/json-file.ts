import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { hasCode, messageOf } from '../errors.ts';

/**
 * A small file of ours: read once, written whole and atomically, never more often than `quietMs`.
 * What it holds is of use but not vital, so a broken one is reported and replaced, and so is one that
 * cannot be written: a full disk is no reason to end.
 */
export class JsonFile<T> {
  readonly #path: string;
  readonly #onProblem: (problem: string) => void;
  readonly #quietMs: number;
  /** Flushed before this one: what this one says is done must be on disk there. */
  #first: { flush(): void } | null = null;
  #failing = false;
  #pending: T | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(path: string, onProblem: (problem: string) => void, quietMs = 200) {
    this.#path = path;
    this.#onProblem = onProblem;
    this.#quietMs = quietMs;
  }

  /** What the file holds; `fallback` where there is none, or none that can be used. */
  read(schema: z.ZodType<T>, fallback: T): T {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return fallback;
      throw error;
    }
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      this.#onProblem(`${this.#path} is damaged and was replaced`);
      return fallback;
    }
  }

  /** From now on `file` is never behind this one. */
  behind(file: { flush(): void }): this {
    this.#first = file;
    return this;
  }

  /** Writes soon; several calls are one write. */
  write(value: T): void {
    this.#pending = value;
    this.#timer ??= setTimeout(() => this.flush(), this.#quietMs);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending === null) return;
    this.#first?.flush();
    const text = `${JSON.stringify(this.#pending)}\n`;
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, this.#path);
      this.#pending = null;
      this.#failing = false;
    } catch (error) {
      // Tried again with the next change, and said once.
      if (!this.#failing) this.#onProblem(`${this.#path} cannot be written: ${messageOf(error)}`);
      this.#failing = true;
    }
  }
}
