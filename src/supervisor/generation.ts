import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { type Handshake, shakeHands } from '../gateway/handshake.ts';
import type { Generation as GenerationNumber, RestartPolicy } from '../model.ts';
import type { StartOrder } from '../runner/protocol.ts';
import { BackOff } from './back-off.ts';
import { deferred } from './deferred.ts';
import type { GenerationDeps } from './generation-deps.ts';
import type { End, Incarnation, IncarnationEvents } from './incarnation.ts';
import { RunnerApp } from './runner-app.ts';

/** So many crashes in a row at the start are no accident: nobody should wait any longer. */
const FAILED_AFTER_CRASHES = 3;

export interface Ready {
  readonly kind: 'ready';
  readonly handshake: Handshake;
  /** Epoch ms. */
  readonly since: number;
}

export type GenerationState =
  | { readonly kind: 'starting' }
  | Ready
  /** `final`: given up, until somebody asks for it again. */
  | { readonly kind: 'crashed'; readonly reason: string; readonly final: boolean }
  | { readonly kind: 'stopped' };

export interface GenerationEvents extends IncarnationEvents {
  onState(state: GenerationState): void;
}

export interface GenerationOptions {
  readonly order: StartOrder;
  readonly startTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** What the next supervisor must know of it, besides its handshake. */
  readonly memo: object;
}

/** One spec of one server, running: a pm2 app, and in it one child after the other. */
export class Generation {
  readonly number: GenerationNumber;
  readonly #options: GenerationOptions;
  readonly #deps: GenerationDeps;
  readonly #events: GenerationEvents;
  readonly #app: RunnerApp;
  readonly #backOff: BackOff;
  #settled = deferred<void>();
  #isSettled = false;
  readonly #stopping = new AbortController();
  #state: GenerationState = { kind: 'starting' };
  #current: Incarnation | null = null;
  #supervision: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  #restarts = 0;
  #startedAt = new Date();
  /** It is only tried: a supervisor that comes after this one is not to go on with it. */
  #onTrial = false;

  constructor(options: GenerationOptions, deps: GenerationDeps, events: GenerationEvents) {
    this.number = options.order.generation;
    this.#options = options;
    this.#deps = deps;
    this.#events = events;
    this.#app = new RunnerApp(options.order, deps, events);
    this.#backOff = new BackOff(options.restart);
  }

  get state(): GenerationState {
    return this.#state;
  }

  /** Resolves when it is ready (again), or when waiting for that makes no sense any more. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** The child that runs now, or is being started. */
  get current(): Incarnation | null {
    return this.#current;
  }

  /** How often its child was started again after a crash. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Has pm2 start the runner, and looks after it from then on; see `settled`. `onTrial`: until `confirm`. */
  start(onTrial = false): void {
    this.#onTrial = onTrial;
    this.#supervision = this.#guard(async () => {
      await this.#app.launch();
      await this.#supervise(null);
    });
  }

  /** Takes over a child from the supervisor before: no new handshake, nothing restarted. */
  adopt(ready: Ready): void {
    this.#app.claim();
    this.#state = ready;
    this.#supervision = this.#guard(() => this.#supervise(ready));
  }

  /** It passed its trial, and serves from now on. */
  confirm(): void {
    this.#onTrial = false;
    if (this.#state.kind === 'ready' && this.#current !== null) this.#remember(this.#current, this.#state);
  }

  /** Walks the child down the stop ladder; resolves when nothing of it is left. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#stopping.abort();
      await this.#supervision;
      await this.#app.remove(this.#current);
      this.#current = null;
      this.#enter({ kind: 'stopped' });
    })();
    return this.#stopped;
  }

  /** Runs until `stop`, or until the server is given up. */
  async #supervise(known: Ready | null): Promise<void> {
    let ready = known;
    for (;;) {
      const incarnation = await this.#app.nextIncarnation(this.#stopping.signal);
      this.#current = incarnation;
      const survived = ready !== null && incarnation.childPid !== null;
      if (ready !== null && !survived) {
        await this.#crashed({ kind: 'exited', reason: 'its runner was killed' }, ready);
        ready = null;
      }
      const outcome = ready ?? (await this.#bringUp(incarnation));
      if (outcome.kind === 'ready') {
        // The connection was away, and not the child: nothing has happened.
        if (survived) incarnation.runner.send({ kind: 'welcome' });
        ready = outcome;
        incarnation.handshake = ready.handshake;
        this.#enter(ready);
      }
      const end = outcome.kind === 'ready' ? await this.#untilEnd(incarnation) : outcome;
      if (end.kind === 'lost') {
        this.#enter({ kind: 'starting' });
        continue;
      }
      await this.#crashed(end, ready);
      ready = null;
    }
  }

  /** Starts a child in this runner and shakes hands with it. */
  async #bringUp(incarnation: Incarnation): Promise<Ready | End> {
    const { order, startTimeoutMs } = this.#options;
    const { signal } = this.#stopping;
    this.#enter({ kind: 'starting' });
    this.#startedAt = new Date();
    if (incarnation.childPid === null) await incarnation.start(order);
    else incarnation.runner.send({ kind: 'welcome' });
    try {
      const options = { timeoutMs: startTimeoutMs, signal };
      const handshake = await shakeHands(incarnation.link, this.#deps.client, options);
      await incarnation.flushLog();
      await this.#deps.logRead(order.server);
      const ready: Ready = { kind: 'ready', handshake, since: Date.now() };
      if (!this.#onTrial) this.#remember(incarnation, ready);
      return ready;
    } catch (error) {
      signal.throwIfAborted();
      return incarnation.ended ?? { kind: 'hung', reason: messageOf(error) };
    }
  }

  /** Leaves with the runner what the next supervisor needs to go on with this child. */
  #remember({ runner }: Incarnation, ready: Ready): void {
    runner.send({ kind: 'memo', memo: { ...this.#options.memo, ready } });
  }

  /** Notes the crash and waits until it is time for the next start; throws when there is none. */
  async #crashed(end: Exclude<End, { kind: 'lost' }>, ready: Ready | null): Promise<void> {
    const { signal } = this.#stopping;
    const pauseMs =
      end.kind === 'unstartable' ? null : this.#backOff.next(ready ? Date.now() - ready.since : 0);
    const words = await this.#deps.lastWords(this.#options.order.server, this.number, this.#startedAt);
    const reason = words === '' ? end.reason : `${end.reason}; its last words: ${words}`;
    signal.throwIfAborted();
    if (pauseMs === null) {
      await this.#app.remove(this.#current);
      throw new GivenUp(reason);
    }
    this.#restarts += 1;
    this.#enter({ kind: 'crashed', reason, final: false });
    if (this.#backOff.crashes >= FAILED_AFTER_CRASHES) this.#settle();
    if (end.kind === 'hung') await this.#app.remove(this.#current);
    await sleep(pauseMs, undefined, { signal });
    if (end.kind === 'hung') await this.#app.launch();
  }

  async #untilEnd(incarnation: Incarnation): Promise<End> {
    const { signal } = this.#stopping;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    signal.throwIfAborted();
    return Promise.race([incarnation.end, aborted]);
  }

  /** The one place where supervision ends: asked to stop, given up, or failed itself. */
  async #guard(supervise: () => Promise<void>): Promise<void> {
    try {
      await supervise();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#enter({ kind: 'crashed', reason: messageOf(error), final: true });
    }
  }

  #enter(state: GenerationState): void {
    this.#state = state.kind === 'crashed' ? { ...state, reason: this.#deps.redact(state.reason) } : state;
    if (state.kind === 'starting' || (state.kind === 'crashed' && !state.final)) this.#unsettle();
    else this.#settle();
    this.#events.onState(this.#state);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#settled.resolve();
  }

  /** Its child is started again: whoever asks from now on is to wait for it, unless that has failed too often. */
  #unsettle(): void {
    if (!this.#isSettled || this.#backOff.crashes >= FAILED_AFTER_CRASHES) return;
    this.#isSettled = false;
    this.#settled = deferred();
  }
}

/** Ends a supervision: its server will not be started again by itself. */
class GivenUp extends Error {}
