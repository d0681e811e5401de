import { createHash } from 'node:crypto';
import type { Generation, ServerName, Warning, WarningDraft } from '../model.ts';
import { docsOf } from './codes.ts';

export interface Raised {
  readonly warning: Warning;
  /** The first time, or again after it was resolved: worth telling somebody. */
  readonly isNew: boolean;
}

/**
 * The warnings of a project, one row per cause (server, code, subject), resolved ones included.
 * In memory only: whoever owns it keeps `all()` on disk and gives it back as `initial`.
 */
export class WarningStore {
  readonly #rows: Map<string, Warning>;
  readonly #now: () => Date;
  readonly #maxRows: number;

  constructor(initial: readonly Warning[], now: () => Date, maxRows = 500) {
    this.#rows = new Map(initial.map((row) => [row.id, row]));
    this.#now = now;
    this.#maxRows = maxRows;
  }

  raise(server: ServerName | null, generation: Generation | null, draft: WarningDraft): Raised {
    const id = warningId(server, draft);
    const known = this.#rows.get(id);
    const time = this.#now().toISOString();
    const warning: Warning = {
      ...draft,
      id,
      server,
      generation,
      firstSeen: known?.firstSeen ?? time,
      lastSeen: time,
      count: (known?.count ?? 0) + 1,
      state: 'active',
      docs: docsOf(draft.code),
    };
    this.#rows.set(id, warning);
    if (known === undefined) this.#makeRoom(id);
    return { warning, isNew: known?.state !== 'active' };
  }

  /** Resolves the active rows that `isOver` picks, and returns them as they are now. */
  resolve(isOver: (warning: Warning) => boolean): Warning[] {
    return this.active()
      .filter(isOver)
      .map((row) => {
        const resolved: Warning = { ...row, state: 'resolved' };
        this.#rows.set(row.id, resolved);
        return resolved;
      });
  }

  /** A newer generation has shown what it has to show: what only older ones did is over, but for those that run `beside` it. */
  resolveOlder(
    server: ServerName,
    generation: Generation,
    beside: ReadonlySet<Generation> = new Set(),
  ): Warning[] {
    return this.resolve(
      (row) =>
        row.server === server &&
        row.generation !== null &&
        row.generation < generation &&
        !beside.has(row.generation),
    );
  }

  resolveCode(server: ServerName | null, code: string, subject?: string): Warning[] {
    return this.resolve(
      (row) =>
        row.server === server && row.code === code && (subject === undefined || row.subject === subject),
    );
  }

  active(): Warning[] {
    return this.all().filter(({ state }) => state === 'active');
  }

  all(): Warning[] {
    return [...this.#rows.values()];
  }

  /** What is active of one server; null: of the project. */
  forServer(server: ServerName | null): Warning[] {
    return this.active().filter((row) => row.server === server);
  }

  /** A rule whose subject differs in every line must not fill the disk. */
  #makeRoom(newest: string): void {
    if (this.#rows.size <= this.#maxRows) return;
    const others = this.all().filter(({ id }) => id !== newest);
    const resolved = others.filter(({ state }) => state === 'resolved');
    const byAge = (resolved.length > 0 ? resolved : others).sort((a, b) =>
      a.lastSeen.localeCompare(b.lastSeen),
    );
    for (const { id } of byAge.slice(0, this.#rows.size - this.#maxRows)) this.#rows.delete(id);
  }
}

/** The same cause has the same id, in every run: scripts may hold on to it. */
function warningId(server: ServerName | null, { code, subject }: WarningDraft): string {
  return createHash('sha256')
    .update(JSON.stringify([server, code, subject]))
    .digest('hex')
    .slice(0, 12);
}
