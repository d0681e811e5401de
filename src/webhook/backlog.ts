import type { Change, ChangeKind } from './payload.ts';

/** The changes that wait to be posted, oldest first. */
export class Backlog {
  readonly #max: number;
  #changes: Change[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#changes.length;
  }

  first(): Change | undefined {
    return this.#changes[0];
  }

  /** What a row's last change that waits makes of it. */
  lastOf(id: string): ChangeKind | undefined {
    return this.#changes.findLast(({ row }) => row.id === id)?.kind;
  }

  /** Adds a change. Returns how many were dropped for it: those of the row whose change is the oldest. */
  add(change: Change): number {
    this.#changes.push(change);
    const [oldest] = this.#changes;
    // All of them: a row that is resolved and never was raised would puzzle the receiver.
    return this.#changes.length > this.#max && oldest !== undefined ? this.drop(oldest.row.id) : 0;
  }

  remove(change: Change): void {
    this.#changes = this.#changes.filter((other) => other !== change);
  }

  /** Takes all changes of a row out. Returns how many they were. */
  drop(id: string): number {
    const before = this.#changes.length;
    this.#changes = this.#changes.filter(({ row }) => row.id !== id);
    return before - this.#changes.length;
  }

  /** Lets all other rows go first, and keeps the order within the row. */
  postpone(id: string): void {
    const isLater = ({ row }: Change) => row.id === id;
    this.#changes = [
      ...this.#changes.filter((change) => !isLater(change)),
      ...this.#changes.filter((change) => isLater(change)),
    ];
  }

  clear(): void {
    this.#changes = [];
  }
}
