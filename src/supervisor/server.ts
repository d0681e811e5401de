import type {
  BlockedServer,
  Fingerprint,
  Generation as GenerationNumber,
  Reload,
  ReplaceMode,
  ServerName,
  WarningDraft,
} from '../model.ts';
import type { Imprint } from '../plan/fingerprint.ts';
import { reloadFailed } from './findings.ts';
import {
  Generation,
  type GenerationEvents,
  type GenerationOptions,
  type GenerationState,
  type Ready,
} from './generation.ts';
import type { GenerationDeps } from './generation-deps.ts';

/** What a server shall run. */
export interface Target {
  readonly imprint: Imprint;
  readonly replace: ReplaceMode;
  /** How long calls in flight may take to finish on a generation that is replaced. */
  readonly drainMs: number;
  readonly options: (generation: GenerationNumber) => GenerationOptions;
}

/** Why a server is started or replaced. Key names only, never values. */
export interface Cause {
  readonly reason: string;
  readonly changedKeys: readonly string[];
}

export type Wish =
  /** `force`: also where it runs already, or was given up. */
  | { readonly kind: 'run'; readonly target: Target; readonly force: boolean; readonly cause: Cause }
  | { readonly kind: 'blocked'; readonly server: BlockedServer }
  | { readonly kind: 'stopped' };

export interface ServerEvents {
  onChange(): void;
  onReload(reload: Reload): void;
  /** A replacement failed, and this older generation goes on. */
  onKept(generation: GenerationNumber, draft: WarningDraft): void;
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
}

interface Running {
  readonly generation: Generation;
  readonly target: Target;
}

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

  constructor(name: ServerName, deps: ServerDeps, events: ServerEvents) {
    this.name = name;
    this.#deps = deps;
    this.#events = events;
    this.#lastReload = deps.lastReload;
    this.#pastRestarts = deps.restarts;
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
        this.#events.onRetire(wish);
        await this.#retire();
      }
      this.#reached = wish;
    }
  }

  async #run(wish: Wish & { kind: 'run' }, signal: AbortSignal): Promise<void> {
    const before = this.#running;
    const { target, cause } = wish;
    // They are not tried again at every change of something else: that takes an `up` or a `restart`.
    if (before !== null && target.imprint.fingerprint === this.#refused && !wish.force && !this.isGivenUp) {
      await settledOrInterrupted(before, signal);
      return;
    }
    this.#refused = null;
    if (before?.target.imprint.fingerprint === target.imprint.fingerprint && !wish.force) {
      this.#keptBecause = null;
      await settledOrInterrupted(before, signal);
      return;
    }
    const firstStart = before === null && this.#reached.kind === 'stopped';
    const startedAt = Date.now();
    const serving = before?.generation.state.kind === 'ready';
    const outcome = serving ? await this.#replace(before, target, signal) : await this.#start(target, signal);
    if (signal.aborted || firstStart) return;
    this.#lastReload = {
      at: new Date(startedAt).toISOString(),
      ...cause,
      durationMs: Date.now() - startedAt,
      outcome,
    };
    this.#events.onReload(this.#lastReload);
  }

  async #start(target: Target, signal: AbortSignal): Promise<Reload['outcome']> {
    await this.#retire();
    this.#running = this.#launch(target);
    await settledOrInterrupted(this.#running, signal);
    return isReady(this.#running) ? 'started' : 'failed';
  }

  async #replace(before: Running, target: Target, signal: AbortSignal): Promise<Reload['outcome']> {
    const failed =
      target.replace === 'overlap'
        ? await this.#overlap(before, target, signal)
        : await this.#exchange(before, target, signal);
    this.#keptBecause = failed;
    if (failed === null) return 'replaced';
    if (!signal.aborted) {
      this.#refused = target.imprint.fingerprint;
      this.#events.onKept(this.running?.number ?? 0, reloadFailed(this.name, failed));
    }
    return 'kept-old';
  }

  /** The new generation starts beside the old one and takes over when it is ready. Null, or what went wrong. */
  async #overlap(before: Running, target: Target, signal: AbortSignal): Promise<string | null> {
    const next = this.#launch(target);
    this.#next = next;
    await settledOrInterrupted(next, signal);
    this.#next = null;
    if (!isReady(next) || signal.aborted) {
      const problem = problemOf(next);
      await next.generation.stop();
      return problem;
    }
    this.#succeed(next);
    this.#letGo(before);
    return null;
  }

  /** For servers that cannot run twice: the old one ends first, and comes back if the new one fails. */
  async #exchange(before: Running, target: Target, signal: AbortSignal): Promise<string | null> {
    this.#exchanging = true;
    this.#events.onHold();
    try {
      await this.#events.drained(before.generation, before.target.drainMs);
      await this.#retire();
      const next = this.#launch(target);
      this.#running = next;
      await settledOrInterrupted(next, signal);
      if (isReady(next) || signal.aborted) return null;
      const problem = problemOf(next);
      await this.#retire();
      this.#running = this.#launch(before.target);
      await settledOrInterrupted(this.#running, signal);
      return problem;
    } finally {
      this.#exchanging = false;
    }
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

  #launch(target: Target): Running {
    const generation = this.#create(target, this.#deps.nextNumber());
    this.#events.onLaunch();
    generation.start();
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

/** A wish for what is being tried already: it goes on. */
function isSameAttempt(now: Wish, next: Wish): boolean {
  if (now.kind !== 'run' || next.kind !== 'run' || next.force) return false;
  return now.target.imprint.fingerprint === next.target.imprint.fingerprint;
}

function isReady({ generation }: Running): boolean {
  return generation.state.kind === 'ready';
}

function problemOf({ generation }: Running): string {
  return generation.state.kind === 'crashed' ? generation.state.reason : 'it did not become ready';
}

async function settledOrInterrupted({ generation }: Running, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    void generation.settled.then(resolve);
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
