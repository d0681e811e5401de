import type { Generation, ServerName } from '../model.ts';
import { sweepGroup } from '../runner/process-group.ts';
import type { StartOrder } from '../runner/protocol.ts';
import type { GenerationDeps } from './generation-deps.ts';
import { Incarnation, type IncarnationEvents } from './incarnation.ts';

/** Longer than the stop ladder by what a loaded machine needs to report it. */
const STOP_MARGIN_MS = 5_000;
/** How long pm2 may take to start a runner (again) before it is started anew. */
const RUNNER_TIMEOUT_MS = 15_000;
/** Keeps a runner that fails by itself from spinning; a child's back-off is the generation's business. */
const RESTART_DELAY_MS = 10;

/** The pm2 app of one generation, and the queue of its runners that have said hello. */
export class RunnerApp {
  readonly #order: StartOrder;
  readonly #deps: GenerationDeps;
  readonly #events: IncarnationEvents;
  readonly #name: string;
  #arrivals: Incarnation[] = [];
  #onArrival: () => void = () => {};

  constructor(order: StartOrder, deps: GenerationDeps, events: IncarnationEvents) {
    this.#order = order;
    this.#deps = deps;
    this.#events = events;
    this.#name = appName(order.server, order.generation);
  }

  async launch(): Promise<void> {
    const { engine, runnerScript, runnerSocket, stateDir } = this.#deps;
    this.claim();
    await engine.start({
      name: this.#name,
      script: runnerScript,
      args: [runnerSocket, this.#name],
      cwd: stateDir,
      killTimeoutMs: this.#ladderMs,
      restartDelayMs: RESTART_DELAY_MS,
      outFile: `${stateDir}/runners.log`,
    });
  }

  /** From now on runners of this name are ours, also one that is there already. */
  claim(): void {
    this.#deps.port.expect(this.#name, (runner) => {
      const incarnation = new Incarnation(this.#order.server, runner, this.#events);
      this.#arrivals.push(incarnation);
      this.#onArrival();
      return incarnation;
    });
  }

  /** The next runner that says hello; one that never does is started anew. */
  async nextIncarnation(signal: AbortSignal): Promise<Incarnation> {
    for (;;) {
      signal.throwIfAborted();
      const incarnation = this.#arrivals.shift();
      if (incarnation !== undefined && incarnation.ended === null) return incarnation;
      if (incarnation === undefined && !(await this.#arrival(signal))) await this.#relaunch(signal);
    }
  }

  /** Ends the child, then the runner; what a killed runner left behind goes too. */
  async remove(incarnation: Incarnation | null): Promise<void> {
    await (incarnation ?? this.#arrivals.at(-1))?.stop(this.#ladderMs);
    this.#deps.port.forget(this.#name);
    await this.#deps.engine.remove(this.#name);
    await sweepGroup(this.#order.groupFile, this.#order.stop.termMs);
    this.#arrivals = [];
  }

  async #relaunch(signal: AbortSignal): Promise<void> {
    await this.#deps.engine.remove(this.#name);
    signal.throwIfAborted();
    await this.launch();
  }

  get #ladderMs(): number {
    const { eofMs, termMs } = this.#order.stop;
    return eofMs + termMs + STOP_MARGIN_MS;
  }

  #arrival(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (arrived: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#onArrival = () => {};
        resolve(arrived);
      };
      const onAbort = () => settle(true);
      const timer = setTimeout(() => settle(false), RUNNER_TIMEOUT_MS);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#onArrival = () => settle(true);
    });
  }
}

/** The pm2 name of a generation. A server's name holds no @. */
export function appName(server: ServerName, generation: Generation): string {
  return `${server}@${generation}`;
}

/** The generation that a pm2 name stands for; null for an app that is no runner. */
export function parseAppName(name: string): { server: ServerName; generation: Generation } | null {
  const match = /^(.+)@(\d+)$/.exec(name);
  return match?.[1] === undefined ? null : { server: match[1], generation: Number(match[2]) };
}
