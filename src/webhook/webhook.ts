import { isDeepStrictEqual } from 'node:util';
import type { Warning, WarningDraft } from '../model.ts';
import { Backlog } from './backlog.ts';
import { PAUSES, type PausePolicy, pauseMs } from './pauses.ts';
import { type Change, isAtLeast, payload } from './payload.ts';
import { type Outcome, post } from './post.ts';
import type { WebhookTarget } from './target.ts';

const MAX_WAITING = 200;
/** A receiver that has failed so often in a row is a warning; it is asked on, with longer pauses. */
const ATTEMPTS = 5;

export interface WebhookOptions {
  /** What the project is called. */
  readonly project: string;
  readonly redact: (text: string) => string;
  /** All rows that are known, for what was missed. */
  readonly rows: () => readonly Warning[];
  /** The ids of the rows that the receiver was told to be active, by the supervisor before this one too. */
  readonly known: readonly string[];
  /** Must be on disk when it returns: what was delivered is not to be delivered again. */
  readonly saveKnown: (known: readonly string[]) => void;
  /** What the supervisor before this one had to say of it. */
  readonly problem: WarningDraft | null;
  /** `problem` is another one. */
  readonly onProblem: () => void;
  readonly log: (line: string) => void;
  readonly pauses?: PausePolicy;
  readonly maxWaiting?: number;
}

/**
 * Posts each change of a warning to the webhook of the config, one at a time. Only what the receiver knows is
 * written down: the next supervisor compares it with the rows there are, and posts what differs.
 */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #known: Set<string>;
  readonly #backlog: Backlog;
  /** Rows that the receiver did not take as it is configured now. */
  readonly #refused = new Set<string>();
  /** undefined: not known yet. */
  #target: WebhookTarget | null | undefined;
  #problem: WarningDraft | null;
  /** Attempts in a row that may be repeated. */
  #failures = 0;
  #dropped = 0;
  #isRunning = false;
  #loop: Promise<void> = Promise.resolve();
  #attempt: AbortController | null = null;
  #wake: (() => void) | null = null;
  #ending = false;
  #closed = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#known = new Set(options.known);
    this.#backlog = new Backlog(options.maxWaiting ?? MAX_WAITING);
    this.#problem = options.problem;
  }

  /** What is wrong with it, until something is delivered, or until it is configured otherwise. */
  get problem(): WarningDraft | null {
    return this.#problem;
  }

  /** null: there is none, or it cannot be used. */
  configure(target: WebhookTarget | null): void {
    const before = this.#target;
    if (before !== undefined && isDeepStrictEqual(before, target)) return;
    this.#target = target;
    this.#refused.clear();
    this.#failures = 0;
    this.#attempt?.abort();
    this.#wake?.();
    if (before !== undefined || target === null) this.#setProblem(null);
    if (target === null) this.#backlog.clear();
    else this.#catchUp();
  }

  raised(row: Warning): void {
    if (this.#isForIt(row) && !this.#isRaised(row.id)) this.#add({ kind: 'raised', row });
  }

  resolved(row: Warning): void {
    if (this.#target && this.#isRaised(row.id)) this.#add({ kind: 'resolved', row });
  }

  /** The last attempt for what waits, without any more pauses. */
  async finish(limitMs: number): Promise<void> {
    this.#ending = true;
    this.#wake?.();
    const limit = setTimeout(() => this.close(), limitMs);
    await this.#loop;
    clearTimeout(limit);
  }

  /** What waits is the next supervisor's. */
  close(): void {
    this.#closed = true;
    this.#attempt?.abort();
    this.#wake?.();
  }

  #isForIt({ code, server, severity }: Warning): boolean {
    // What is wrong with the webhook it would hardly tell.
    const isItself = server === null && code.startsWith('webhook.');
    return Boolean(this.#target) && !isItself && isAtLeast(severity, this.#target?.minSeverity ?? 'error');
  }

  /** Whether the receiver takes the row for active, once it has got all that waits. */
  #isRaised(id: string): boolean {
    const last = this.#backlog.lastOf(id);
    return last === undefined ? this.#known.has(id) : last === 'raised';
  }

  /** What differs from what the receiver knows: after a restart, other settings, or changes that were dropped. */
  #catchUp(): void {
    this.#dropped = 0;
    const rows = this.#options.rows();
    for (const row of rows) {
      if (this.#refused.has(row.id)) continue;
      if (row.state === 'active') this.raised(row);
      else this.resolved(row);
    }
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#known) if (!ids.has(id)) this.#known.delete(id);
    this.#run();
  }

  #add(change: Change): void {
    const dropped = this.#backlog.add(change);
    if (dropped > 0 && this.#dropped === 0) {
      this.#options.log(
        'webhook: too many changes wait, so the oldest are dropped; what differs at the end is posted',
      );
    }
    this.#dropped += dropped;
    this.#run();
  }

  #run(): void {
    if (!this.#isRunning) this.#loop = this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#isRunning = true;
    for (let change = this.#next(); change !== undefined; change = this.#next()) {
      const outcome = await this.#post(change);
      const pause = outcome === null ? 0 : this.#settle(change, outcome);
      if (pause > 0 && this.#ending) break;
      if (pause > 0) await this.#pause(pause);
    }
    this.#isRunning = false;
  }

  #next(): Change | undefined {
    if (this.#closed || !this.#target) return undefined;
    if (this.#backlog.size === 0 && this.#dropped > 0) this.#catchUp();
    return this.#backlog.first();
  }

  /** null: it was broken off. */
  async #post(change: Change): Promise<Outcome | null> {
    if (!this.#target) return null;
    const { project, redact } = this.#options;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const outcome = await post(this.#target, payload(change, project, redact), attempt.signal);
    this.#attempt = null;
    return attempt.signal.aborted ? null : outcome;
  }

  /** Returns the pause before the next attempt, in ms. */
  #settle(change: Change, outcome: Outcome): number {
    const { id } = change.row;
    switch (outcome.kind) {
      case 'delivered':
        this.#backlog.remove(change);
        this.#failures = 0;
        if (change.kind === 'raised') this.#known.add(id);
        else this.#known.delete(id);
        this.#options.saveKnown([...this.#known]);
        this.#setProblem(null);
        return 0;
      case 'refused':
        this.#backlog.drop(id);
        this.#failures = 0;
        this.#refused.add(id);
        this.#setProblem(refuses(outcome.problem));
        return 0;
      case 'failed':
        this.#failures += 1;
        // It may be this one that the receiver cannot take: the others get their turn.
        if (this.#failures % ATTEMPTS === 0) this.#backlog.postpone(id);
        if (this.#failures >= ATTEMPTS) this.#setProblem(fails(outcome.problem));
        return pauseMs(this.#failures, outcome.retryAfterMs, Math.random(), this.#options.pauses ?? PAUSES);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  #setProblem(problem: WarningDraft | null): void {
    if (this.#problem?.message === problem?.message) return;
    this.#problem = problem;
    this.#options.onProblem();
  }
}

function refuses(problem: string): WarningDraft {
  return failed(
    `does not take them: it ${problem}`,
    'Correct `url` or `headers` of `warnings.webhook`; what is active then is posted again.',
  );
}

function fails(problem: string): WarningDraft {
  return failed(
    `cannot take them now: it ${problem}, ${ATTEMPTS} times in a row or more`,
    'It is tried again, with growing pauses. See that the receiver is up, and that `url` is right.',
  );
}

function failed(problem: string, hint: string): WarningDraft {
  const message = `The webhook for warnings ${problem}.`;
  return { code: 'webhook.failed', severity: 'warning', subject: '', message, hint };
}
