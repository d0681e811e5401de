import { z } from 'zod';
import type { Generation, ServerName, Warning, WarningDraft } from '../model.ts';
import { docsOf } from '../warnings/codes.ts';
import { WarningStore } from '../warnings/store.ts';
import { overMemory } from './findings.ts';
import type { JsonFile } from './json-file.ts';
import { amountOf, type Excess } from './memory-limit.ts';
import type { WarningSink } from './warning-sinks.ts';

export const warningsSchema: z.ZodType<Warning[]> = z.array(
  z
    .object({
      id: z.string(),
      code: z.string(),
      severity: z.enum(['info', 'warning', 'error']),
      server: z.string().nullable(),
      subject: z.string(),
      message: z.string(),
      hint: z.string(),
      firstSeen: z.string(),
      lastSeen: z.string(),
      count: z.number(),
      generation: z.number().nullable(),
      state: z.enum(['active', 'resolved']),
    })
    // Not as it was written down: the version that wrote it may have known other codes.
    .transform((row) => ({ ...row, docs: docsOf(row.code) })),
);

/** A finding of several lines grows line by line, and is told when it has stopped growing. */
const TELL_AFTER_MS = 200;

/** Where findings become warnings: kept on disk, and told to each sink once. */
export class WarningDesk {
  readonly #store: WarningStore;
  readonly #file: JsonFile<Warning[]>;
  readonly #redact: (text: string) => string;
  readonly #sinks: readonly WarningSink[];
  readonly #untold = new Set<string>();
  #telling: NodeJS.Timeout | null = null;

  constructor(
    file: JsonFile<Warning[]>,
    initial: readonly Warning[],
    redact: (text: string) => string,
    sinks: readonly WarningSink[],
  ) {
    this.#store = new WarningStore(initial, () => new Date());
    this.#file = file;
    this.#redact = redact;
    this.#sinks = sinks;
  }

  /** Something that a generation did or said. It is over when a later one no longer does. */
  raise(server: ServerName, generation: Generation, draft: WarningDraft): void {
    this.#add(server, generation, draft);
    this.#save();
  }

  /** The same for what is asked about more than once: what is known of this generation already does not count again. */
  found(server: ServerName, generation: Generation, draft: WarningDraft): void {
    if (!this.#isKnown(server, generation, draft)) this.raise(server, generation, draft);
  }

  /**
   * Something that a generation shows and that may be known already, of it or of one beside it: then it counts, and
   * keeps its words and the older generation, since whoever found it out first may have seen more. Returns it as it stands.
   */
  confirm(server: ServerName, generation: Generation, draft: WarningDraft): Warning {
    const rows = this.#store.forServer(server).filter((row) => row.generation !== null);
    const known = rows.find((row) => isSameCause(row, draft));
    const { severity, message, hint } = known ?? draft;
    const first = Math.min(known?.generation ?? generation, generation);
    const warning = this.#add(server, first, { ...draft, severity, message, hint });
    this.#save();
    return warning;
  }

  /**
   * All that is wrong now with the settings of a server (null: of the project). It is read from the
   * settings each time, so what is not in `drafts` any more is over, and what still is does not count twice.
   */
  sync(server: ServerName | null, drafts: readonly WarningDraft[]): void {
    for (const draft of drafts) if (!this.#isKnown(server, null, draft)) this.#add(server, null, draft);
    this.#resolve(
      (row) =>
        row.server === server && row.generation === null && !drafts.some((draft) => isSameCause(row, draft)),
    );
    this.#save();
  }

  /** A generation serves: what only older ones showed is over, but for those that run `beside` it. */
  serving(server: ServerName, generation: Generation, beside: ReadonlySet<Generation>): void {
    this.#told(this.#store.resolveOlder(server, generation, beside));
    this.#save();
  }

  /** Which servers take too much memory now: each generation of one counts once. */
  overMemory(excesses: readonly Excess[]): void {
    const known = this.active().filter(({ code }) => code === 'server.over-memory');
    for (const excess of excesses) {
      const { server, waitMs } = excess;
      const generation = server.running?.number ?? 0;
      const isKnown = known.some((row) => row.server === server.name && row.generation === generation);
      if (!isKnown) this.raise(server.name, generation, overMemory(server.name, amountOf(excess), waitMs));
    }
    for (const { server } of known) {
      const isOver = excesses.some((excess) => excess.server.name === server);
      if (server !== null && !isOver) this.over(server, 'server.over-memory');
    }
  }

  /** A cause is known to be gone. */
  over(server: ServerName, ...codes: readonly string[]): void {
    this.#resolve((row) => row.server === server && codes.includes(row.code));
    this.#save();
  }

  /** The same for what these codes say of one subject. */
  disproved(server: ServerName, subject: string, codes: readonly string[]): void {
    this.#resolve((row) => row.server === server && row.subject === subject && codes.includes(row.code));
    this.#save();
  }

  /** Servers that are not in the config any more have nothing to warn of. */
  keepOnly(servers: ReadonlyMap<ServerName, unknown>): void {
    this.#resolve((row) => row.server !== null && !servers.has(row.server));
    this.#save();
  }

  active(): Warning[] {
    return this.#store.active();
  }

  all(): Warning[] {
    return this.#store.all();
  }

  /** All but those that the sinks are about to be told. */
  told(): Warning[] {
    return this.all().filter(({ id }) => !this.#untold.has(id));
  }

  flush(): void {
    this.#tell();
    this.#file.flush();
  }

  #isKnown(server: ServerName | null, generation: Generation | null, draft: WarningDraft): boolean {
    const rows = this.#store.forServer(server).filter((row) => row.generation === generation);
    return rows.some((row) => isSameCause(row, draft) && row.message === this.#redact(draft.message));
  }

  #add(server: ServerName | null, generation: Generation | null, draft: WarningDraft): Warning {
    const redacted = {
      ...draft,
      subject: this.#redact(draft.subject),
      message: this.#redact(draft.message),
      hint: this.#redact(draft.hint),
    };
    const { warning, isNew } = this.#store.raise(server, generation, redacted);
    if (isNew) {
      this.#untold.add(warning.id);
      this.#telling ??= setTimeout(() => this.#tell(), TELL_AFTER_MS);
    }
    return warning;
  }

  #tell(): void {
    if (this.#telling !== null) clearTimeout(this.#telling);
    this.#telling = null;
    // What somebody was told must not be unknown to the next supervisor.
    if (this.#untold.size > 0) {
      this.#save();
      this.#file.flush();
    }
    for (const row of this.#store.all()) {
      // It may be over by now, which is told next.
      const raised: Warning = { ...row, state: 'active' };
      if (this.#untold.delete(row.id)) for (const sink of this.#sinks) sink.raised(raised);
    }
  }

  #resolve(isOver: (row: Warning) => boolean): void {
    this.#told(this.#store.resolve(isOver));
  }

  #told(resolved: readonly Warning[]): void {
    if (resolved.length > 0) this.#tell();
    for (const row of resolved) for (const sink of this.#sinks) sink.resolved(row);
  }

  #save(): void {
    this.#file.write(this.#store.all());
  }
}

function isSameCause(row: Warning, draft: WarningDraft): boolean {
  return row.code === draft.code && row.subject === draft.subject;
}
