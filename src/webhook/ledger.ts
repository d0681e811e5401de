import type { Severity, Warning } from '../model.ts';
import { Backlog } from './backlog.ts';
import { type Change, isAtLeast } from './payload.ts';

/**
 * What the receiver knows, and what it is to be told. Only what it knows outlives the process: the next one
 * compares that with the rows there are.
 */
export class Ledger {
  readonly #known: Set<string>;
  readonly #backlog: Backlog;
  /** Rows that the receiver did not take as it is configured now. */
  readonly #refused = new Set<string>();
  #dropped = 0;

  /** `known`: the ids of the rows that the receiver takes for active. */
  constructor(known: readonly string[], maxWaiting: number) {
    this.#known = new Set(known);
    this.#backlog = new Backlog(maxWaiting);
  }

  get known(): readonly string[] {
    return [...this.#known];
  }

  /** How many changes were dropped since the last `catchUp`. */
  get dropped(): number {
    return this.#dropped;
  }

  next(): Change | undefined {
    return this.#backlog.first();
  }

  /** A row was raised; nothing where it is less than `least`, or waits or is known as such already. */
  raised(row: Warning, least: Severity): void {
    if (isItself(row) || !isAtLeast(row.severity, least) || this.#isRaised(row.id)) return;
    this.#dropped += this.#backlog.add({ kind: 'raised', row });
  }

  /** A row was resolved; nothing where nobody was told that it was raised. */
  resolved(row: Warning): void {
    if (this.#isRaised(row.id)) this.#dropped += this.#backlog.add({ kind: 'resolved', row });
  }

  /** Adds what the receiver does not know of these rows, which are all there are. */
  catchUp(rows: readonly Warning[], least: Severity): void {
    this.#dropped = 0;
    for (const row of rows) {
      if (this.#refused.has(row.id)) continue;
      if (row.state === 'active') this.raised(row, least);
      else this.resolved(row);
    }
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#known) if (!ids.has(id)) this.#known.delete(id);
  }

  delivered(change: Change): void {
    this.#backlog.remove(change);
    if (change.kind === 'raised') this.#known.add(change.row.id);
    else this.#known.delete(change.row.id);
  }

  /** The receiver will not take it: nor does it get what comes after it of the same row. */
  refused({ row }: Change): void {
    this.#backlog.drop(row.id);
    this.#refused.add(row.id);
  }

  /** It may be this one that the receiver cannot take: the others get their turn. */
  postpone({ row }: Change): void {
    this.#backlog.postpone(row.id);
  }

  /** The receiver is configured otherwise, and may take now what it refused. */
  forgive(): void {
    this.#refused.clear();
  }

  clear(): void {
    this.#backlog.clear();
  }

  /** Whether the receiver takes the row for active, once it has got all that waits. */
  #isRaised(id: string): boolean {
    const last = this.#backlog.lastOf(id);
    return last === undefined ? this.#known.has(id) : last === 'raised';
  }
}

/** What is wrong with the webhook it would hardly tell. */
function isItself({ code, server }: Warning): boolean {
  return server === null && code.startsWith('webhook.');
}
