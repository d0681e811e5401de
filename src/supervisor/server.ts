import type {
  CredentialCheck,
  Fingerprint,
  Generation as GenerationNumber,
  Reload,
  ServerName,
  Verdict,
  WarningDraft,
} from '../model.ts';
import type { Imprint } from '../plan/fingerprint.ts';
import { Credentials, type Trial } from './credentials.ts';
import { within } from './deferred.ts';
import { Generation, type GenerationEvents, type GenerationState, type Ready } from './generation.ts';
import type { GenerationDeps } from './generation-deps.ts';
import {
  isReady,
  notReady,
  type Refusal,
  type Running,
  refusalOf,
  settledOrInterrupted,
  tried,
} from './succession.ts';
import { isSameAttempt, type Target, type Wish } from './wish.ts';

export interface ServerEvents {
  onChange(): void;
  onReload(reload: Reload): void;
  /** A replacement failed, and this older generation goes on. */
  onKept(generation: GenerationNumber, drafts: readonly WarningDraft[]): void;
  /** What an older generation was kept for is not wanted any more: it is the wanted one again, or nothing is. */
  onReverted(): void;
  /** What is known now of the credentials that this generation uses. */
  onVerdict(generation: GenerationNumber, check: CredentialCheck, verdict: Verdict): void;
  onCrash(generation: GenerationNumber, reason: string, restarts: number): void;
  onGivenUp(generation: GenerationNumber, reason: string): void;
  /** A generation is being started. */
  onLaunch(): void;
  /** Nothing runs from now on. */
  onRetire(wish: Exclude<Wish, { kind: 'run' }>): void;
  /** This generation serves from now on. */
  onServing(generation: Generation): void;
  /** It is about to be stopped, with nothing beside it: new calls should wait. */
  onHold(): void;
  /** Resolves when the calls in flight on it are answered, or after the limit. */
  drained(generation: Generation, limitMs: number): Promise<void>;
  forGeneration(generation: GenerationNumber): Omit<GenerationEvents, 'onState'>;
}

export interface ServerDeps {
  readonly generations: GenerationDeps;
  readonly nextNumber: () => GenerationNumber;
  readonly lastReload: Reload | null;
  /** How often its children were started again after a crash, before this supervisor. */
  readonly restarts: number;
  /** Of the credentials in use, as an earlier supervisor found out; null: not known. */
  readonly scopes: readonly string[] | null;
  /** Why an earlier supervisor left an older generation running than the wanted one; null: it did not. */
  readonly keptBecause: string | null;
}

/** How long whoever waits for a server waits for a verdict as well. */
const VERDICT_PATIENCE_MS = 2_000;

/**
 * One server of the config. It is told what is wanted and works towards the newest wish: a wish that
 * comes while an older one is being carried out ends that one.
 */
export class Server {
  readonly name: ServerName;
  readonly #deps: ServerDeps;
  readonly #events: ServerEvents;
  #wish: Wish = { kind: 'stopped' };
  #reached: Wish = this.#wish;
  #interrupt = new AbortController();
  #convergence: Promise<void> | null = null;
  #running: Running | null = null;
  /** Starting beside the running one, to take its place. */
  #next: Running | null = null;
  #exchanging = false;
  readonly #retiring = new Set<Promise<void>>();
  #lastReload: Reload | null;
  #pastRestarts: number;
  #keptBecause: string | null = null;
  /** The settings that it did not come up with. */
  #refused: Fingerprint | null = null;
  readonly #credentials: Credentials;
  /** Whose credentials were asked about, or are being asked about. */
  #asked: Generation | null = null;
  /** Settles when the last verdict that was asked for is in. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(name: ServerName, deps: ServerDeps, events: ServerEvents) {
    this.name = name;
    this.#deps = deps;
    this.#events = events;
    this.#lastReload = deps.lastReload;
    this.#pastRestarts = deps.restarts;
    this.#credentials = new Credentials(deps.scopes, deps.generations.redact);
  }

  get running(): Generation | null {
    return this.#running?.generation ?? null;
  }

  get imprint(): Imprint | null {
    return this.#running?.target.imprint ?? null;
  }

  get wish(): Wish {
    return this.#wish;
  }

  get replacing(): boolean {
    return this.#next !== null || this.#exchanging;
  }

  get lastReload(): Reload | null {
    return this.#lastReload;
  }

  get restarts(): number {
    return this.#pastRestarts + (this.#running?.generation.restarts ?? 0);
  }

  /** Of the credentials in use; null: not known. */
  get scopes(): readonly string[] | null {
    return this.#credentials.scopes;
  }

  /** It crashed too often, and is not started again by itself. */
  get isGivenUp(): boolean {
    const state = this.running?.state;
    return state?.kind === 'crashed' && state.final;
  }

  /** It is not what is wanted, and does not get there by itself. */
  get isStuck(): boolean {
    return this.isGivenUp || this.#refused !== null;
  }

  /** Why an older generation than the wanted one serves; null where it is the wanted one. */
  get keptBecause(): string | null {
    return this.#keptBecause;
  }

  /** Takes over what the supervisor before this one left running. */
  adopt(target: Target, generation: GenerationNumber, ready: Ready): void {
    const running = { generation: this.#create(target, generation), target };
    this.#running = running;
    // Until the config says otherwise, what runs is what is wanted.
    const cause = { reason: 'found running', changedKeys: [] };
    this.#wish = { kind: 'run', target, force: false, cause };
    this.#keptBecause = this.#deps.keptBecause;
    this.#reached = this.#wish;
    running.generation.adopt(ready);
  }

  /** Changes what is wanted; `settled` tells when it has been tried. */
  want(wish: Wish): void {
    if (!isSameAttempt(this.#wish, wish)) this.#interrupt.abort();
    this.#wish = wish;
    this.#convergence ??= this.#converge().finally(() => {
      this.#convergence = null;
      this.#events.onChange();
    });
    this.#events.onChange();
  }

  /** Values that no log line may show from now on. */
  hide(secrets: readonly string[]): void {
    for (const running of [this.#running, this.#next]) {
      running?.generation.current?.runner.send({ kind: 'secrets', secrets });
    }
  }

  /** Resolves when the newest wish has been carried out, or has failed. */
  async settled(): Promise<void> {
    while (this.#convergence !== null) await this.#convergence;
  }

  /** Resolves when what was asked about its credentials is known, or takes too long. */
  informed(): Promise<void> {
    return within(VERDICT_PATIENCE_MS, this.#asking);
  }

  /** Stops it, and waits for generations that are on their way out. */
  async stop(): Promise<void> {
    this.want({ kind: 'stopped' });
    await this.settled();
    await Promise.all(this.#retiring);
  }

  async #converge(): Promise<void> {
    while (this.#reached !== this.#wish) {
      const wish = this.#wish;
      this.#interrupt = new AbortController();
      if (wish.kind === 'run') await this.#run(wish, this.#interrupt.signal);
      else {
        if (wish.kind === 'blocked') this.#revert();
        this.#keptBecause = null;
        this.#events.onRetire(wish);
        await this.#retire();
      }
      this.#reached = wish;
    }
  }

  async #run(wish: Wish & { kind: 'run' }, signal: AbortSignal): Promise<void> {
    const before = this.#running;
    const { target, cause } = wish;
    if (before !== null && target.imprint.fingerprint === this.#refused && !wish.force && !this.isGivenUp) {
      await settledOrInterrupted(before, signal);
      return;
    }
    this.#refused = null;
    if (before?.target.imprint.fingerprint === target.imprint.fingerprint && !wish.force) {
      this.#revert();
      this.#inform(before, target, signal);
      await settledOrInterrupted(before, signal);
      return;
    }
    const firstStart = before === null && this.#reached.kind === 'stopped';
    const startedAt = Date.now();
    const trial = this.#try(target, cause.changedKeys, signal);
    const serving = before?.generation.state.kind === 'ready';
    const result = serving
      ? await this.#replace(before, target, trial, signal)
      : { outcome: await this.#start(target, trial, signal) };
    if (signal.aborted || firstStart) return;
    const durationMs = Date.now() - startedAt;
    this.#lastReload = { at: new Date(startedAt).toISOString(), ...cause, durationMs, ...result };
    this.#events.onReload(this.#lastReload);
  }

  async #start(target: Target, trial: Trial | null, signal: AbortSignal): Promise<Reload['outcome']> {
    await this.#retire();
    const running = this.#launch(target);
    this.#running = running;
    this.#keptBecause = null;
    this.#learn(running, trial, signal);
    await settledOrInterrupted(running, signal);
    return isReady(running) ? 'started' : 'failed';
  }

  async #replace(
    before: Running,
    target: Target,
    trial: Trial | null,
    signal: AbortSignal,
  ): Promise<Pick<Reload, 'outcome' | 'credentials'>> {
    const refusal =
      target.replace === 'overlap'
        ? await this.#overlap(before, target, trial, signal)
        : await this.#exchange(before, target, trial, signal);
    if (refusal === null) {
      this.#keptBecause = null;
      return { outcome: 'replaced', credentials: trial?.decides === true ? trial.change : undefined };
    }
    if (!signal.aborted) {
      this.#keptBecause = refusal.problem;
      this.#refused = refusal.final ? target.imprint.fingerprint : null;
      this.#events.onKept(this.running?.number ?? 0, refusal.findings);
    }
    return { outcome: 'kept-old', credentials: refusal.credentials };
  }

  /** The new generation starts beside the old one and takes over when it is ready. Null, or what stood against it. */
  async #overlap(
    before: Running,
    target: Target,
    trial: Trial | null,
    signal: AbortSignal,
  ): Promise<Refusal | null> {
    const next = this.#launch(target, true);
    this.#next = next;
    const asked = refusalOf(trial);
    const refusal = (await tried(next, asked, signal)) ?? (isReady(next) ? await asked : null);
    this.#next = null;
    if (refusal !== null || !isReady(next) || signal.aborted) {
      const problem = refusal ?? notReady(this.name, next);
      await next.generation.stop();
      return problem;
    }
    // First what is known of it: what the old one showed and it shows too is not over.
    this.#learn(next, trial, signal);
    next.generation.confirm();
    this.#succeed(next);
    this.#letGo(before);
    return null;
  }

  /** For servers that cannot run twice: the old one ends first, and comes back if the new one fails. */
  async #exchange(
    before: Running,
    target: Target,
    trial: Trial | null,
    signal: AbortSignal,
  ): Promise<Refusal | null> {
    const refusal = await refusalOf(trial);
    if (refusal !== null || signal.aborted) return refusal;
    this.#exchanging = true;
    this.#events.onHold();
    try {
      await this.#events.drained(before.generation, before.target.drainMs);
      await this.#retire();
      const next = this.#launch(target);
      this.#running = next;
      this.#learn(next, trial, signal);
      await settledOrInterrupted(next, signal);
      if (isReady(next) || signal.aborted) return null;
      const problem = notReady(this.name, next);
      await this.#retire();
      const again = this.#launch(before.target);
      this.#running = again;
      // What is known is of the credentials that did not come up.
      this.#learn(again, this.#try(before.target, [], signal), signal);
      await settledOrInterrupted(again, signal);
      return problem;
    } finally {
      this.#exchanging = false;
    }
  }

  #try(target: Target, changedKeys: readonly string[], signal: AbortSignal): Trial | null {
    const trial = this.#credentials.try(target.check, changedKeys, signal);
    if (trial !== null) this.#asking = trial.verdict;
    return trial;
  }

  /** The settings that did not replace it are not wanted any more. What they were refused for may hold for it, too. */
  #revert(): void {
    if (this.#keptBecause === null) return;
    this.#keptBecause = null;
    this.#asked = null;
    this.#events.onReverted();
  }

  /** Asks about the credentials in use, where that was not done yet: an earlier supervisor started it, or was cut short. */
  #inform(running: Running, target: Target, signal: AbortSignal): void {
    if (this.#asked === running.generation) return;
    this.#learn(running, this.#try(target, [], signal), signal);
  }

  /** What the verdict says holds for this generation: at once where it is known, or when it comes. */
  #learn(running: Running, trial: Trial | null, signal: AbortSignal): void {
    if (trial === null) return;
    const { generation } = running;
    this.#asked = generation;
    const take = (verdict: Verdict) => {
      trial.change = this.#credentials.take(verdict);
      this.#events.onVerdict(generation.number, trial.check, verdict);
    };
    if (trial.known !== null) take(trial.known);
    else
      void trial.verdict.then((verdict) => {
        if (!signal.aborted && this.#running === running) take(verdict);
        else if (this.#asked === generation) this.#asked = null;
      });
  }

  #succeed(next: Running): void {
    this.#pastRestarts += this.#running?.generation.restarts ?? 0;
    this.#running = next;
    this.#events.onServing(next.generation);
  }

  /** Ends a generation while the next one serves already. */
  #letGo(before: Running): void {
    const stopped = this.#events
      .drained(before.generation, before.target.drainMs)
      .then(() => before.generation.stop())
      .finally(() => this.#retiring.delete(stopped));
    this.#retiring.add(stopped);
  }

  async #retire(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    await running.generation.stop();
    this.#pastRestarts += running.generation.restarts;
    this.#running = null;
  }

  #launch(target: Target, onTrial = false): Running {
    const generation = this.#create(target, this.#deps.nextNumber());
    this.#events.onLaunch();
    generation.start(onTrial);
    return { generation, target };
  }

  #onRunning(generation: Generation, state: GenerationState): void {
    if (state.kind === 'ready') this.#events.onServing(generation);
    if (state.kind === 'crashed' && state.final) this.#events.onGivenUp(generation.number, state.reason);
  }

  #create(target: Target, number: GenerationNumber): Generation {
    const generation: Generation = new Generation(target.options(number), this.#deps.generations, {
      ...this.#events.forGeneration(number),
      onState: (state) => {
        if (state.kind === 'crashed') this.#events.onCrash(number, state.reason, this.restarts);
        if (generation === this.running) this.#onRunning(generation, state);
        this.#events.onChange();
      },
    });
    return generation;
  }
}
