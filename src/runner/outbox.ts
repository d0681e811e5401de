/**
 * What no supervisor has confirmed yet: nothing of it may be lost while one restarts, also not what was
 * on its way to it. Something that it took without saying so comes twice.
 * Bounded in bytes: when it is full the child is not read any more, which holds it back.
 */
export class Outbox<Report> {
  readonly #limitBytes: number;
  #items: (Buffer | Report)[] = [];
  #bytes = 0;
  #roomy: Promise<void> | null = null;
  #resolveRoomy: () => void = () => {};

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Messages of the child as their bytes, and reports about it. */
  get items(): readonly (Buffer | Report)[] {
    return this.#items;
  }

  /** Null while there is room; else a promise that settles once there is again. */
  add(item: Buffer | Report): Promise<void> | null {
    this.#items.push(item);
    this.#bytes += bytesOf(item);
    if (this.#bytes < this.#limitBytes) return null;
    this.#roomy ??= new Promise((resolve) => {
      this.#resolveRoomy = resolve;
    });
    return this.#roomy;
  }

  /** The oldest `count` have arrived. */
  confirm(count: number): void {
    for (const item of this.#items.splice(0, count)) this.#bytes -= bytesOf(item);
    if (this.#bytes >= this.#limitBytes) return;
    this.#resolveRoomy();
    this.#roomy = null;
  }
}

/** Reports are few and short. */
function bytesOf(item: unknown): number {
  return Buffer.isBuffer(item) ? item.length : 0;
}
