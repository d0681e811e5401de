import { isDeepStrictEqual } from 'node:util';
import type { Warning, WarningDraft } from '../model.ts';
import { Ledger } from './ledger.ts';
import { PAUSES, type PausePolicy, pauseMs } from './pauses.ts';
import { type Change, payload } from './payload.ts';
import { type Outcome, post } from './post.ts';
import { fails, refuses } from './problem.ts';
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

/** Posts each change of a warning to the webhook of the config, one after the other. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #ledger: Ledger;
  /** undefined: not known yet. */
  #target: WebhookTarget | null | undefined;
  #problem: WarningDraft | null;
  /** Attempts in a row that may be repeated. */
  #failures = 0;
  #isRunning = false;
  #loop: Promise<void> = Promise.resolve();
  #attempt: AbortController | null = null;
  #wake: (() => void) | null = null;
  #ending = false;
  #closed = false;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.known, options.maxWaiting ?? MAX_WAITING);
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
    this.#failures = 0;
    this.#ledger.forgive();
    this.#attempt?.abort();
    this.#wake?.();
    if (before !== undefined || target === null) this.#setProblem(null);
    if (target === null) this.#ledger.clear();
    else this.#ledger.catchUp(this.#options.rows(), target.minSeverity);
    this.#run();
  }

  raised(row: Warning): void {
    this.#change(({ minSeverity }) => this.#ledger.raised(row, minSeverity));
  }

  resolved(row: Warning): void {
    this.#change(() => this.#ledger.resolved(row));
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

  #change(add: (target: WebhookTarget) => void): void {
    if (!this.#target) return;
    const before = this.#ledger.dropped;
    add(this.#target);
    if (before === 0 && this.#ledger.dropped > 0) {
      this.#options.log(
        'webhook: too many changes wait, so the oldest are dropped; what differs at the end is posted',
      );
    }
    this.#run();
  }

  #run(): void {
    if (!this.#isRunning) this.#loop = this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const { change, target } = next;
      const isLast = this.#ending;
      const outcome = await this.#post(change, target);
      const pause = outcome === null ? 0 : this.#settle(change, outcome);
      if (pause > 0 && isLast) break;
      if (pause > 0 && !this.#ending) await this.#pause(pause);
    }
    this.#isRunning = false;
  }

  #next(): { readonly change: Change; readonly target: WebhookTarget } | null {
    const target = this.#target;
    if (this.#closed || !target) return null;
    if (this.#ledger.next() === undefined && this.#ledger.dropped > 0) {
      this.#ledger.catchUp(this.#options.rows(), target.minSeverity);
    }
    const change = this.#ledger.next();
    return change === undefined ? null : { change, target };
  }

  /** null: it was broken off. */
  async #post(change: Change, target: WebhookTarget): Promise<Outcome | null> {
    const { project, redact } = this.#options;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const outcome = await post(target, payload(change, project, redact), attempt.signal);
    this.#attempt = null;
    return attempt.signal.aborted ? null : outcome;
  }

  /** Returns the pause before the next attempt, in ms. */
  #settle(change: Change, outcome: Outcome): number {
    switch (outcome.kind) {
      case 'delivered':
        this.#failures = 0;
        this.#ledger.delivered(change);
        this.#options.saveKnown(this.#ledger.known);
        this.#setProblem(null);
        return 0;
      case 'refused':
        this.#failures = 0;
        this.#ledger.refused(change);
        this.#setProblem(refuses(outcome.problem));
        return 0;
      case 'failed':
        this.#failures += 1;
        if (this.#failures % ATTEMPTS === 0) this.#ledger.postpone(change);
        if (this.#failures >= ATTEMPTS) this.#setProblem(fails(outcome.problem, ATTEMPTS));
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
