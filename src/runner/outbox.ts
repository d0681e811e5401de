/**
 * Messages of the child that wait for a supervisor: none may be lost while it restarts.
 * Bounded in bytes: when it is full the child is not read any more, which holds it back.
 */
export class Outbox {
  readonly #limitBytes: number;
  #lines: Buffer[] = [];
  #bytes = 0;
  #taken: Promise<void> | null = null;
  #resolveTaken: () => void = () => {};

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Null while there is room; else a promise that settles once the lines have been taken. */
  add(line: Buffer): Promise<void> | null {
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes < this.#limitBytes) return null;
    this.#taken ??= new Promise((resolve) => {
      this.#resolveTaken = resolve;
    });
    return this.#taken;
  }

  take(): readonly Buffer[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    this.#resolveTaken();
    this.#taken = null;
    return lines;
  }
}
