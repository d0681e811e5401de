import type { Endpoint } from '../gateway/endpoint.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Lane } from '../gateway/lane.ts';
import type { Generation as GenerationNumber, ServerName, ServerPolicy, WantedServer } from '../model.ts';
import type { ResolvedServer } from '../servers/resolve.ts';
import type { Foundling } from './adoption.ts';
import { AnswerWatch } from './answer-watch.ts';
import type { GenerationDeps } from './generation-deps.ts';
import type { Logger } from './logger.ts';
import { logFile, type Project } from './project.ts';
import { RuleWatch } from './rule-watch.ts';
import { Server, type ServerDeps, type ServerEvents } from './server.ts';
import { givenUp, serverEvents } from './server-events.ts';
import { SessionChildren } from './session-children.ts';
import type { StateStore } from './state.ts';
import { targetForSession, targetOfMemo } from './target.ts';
import type { WarningDesk } from './warning-desk.ts';
import type { Wish } from './wish.ts';

export interface MemberOptions {
  readonly project: Project;
  readonly state: StateStore;
  readonly desk: WarningDesk;
  readonly log: Logger;
  readonly generations: Omit<GenerationDeps, 'logRead'>;
  readonly gateway: Gateway;
  readonly onChange: () => void;
}

/** A server of the config: its primary child, those that sessions have for themselves, and the watch over their log. */
export class Member {
  readonly name: ServerName;
  /** Always runs: it proves the settings and says what the server is. Where sessions share a child, it is that one. */
  readonly primary: Server;
  readonly #options: MemberOptions;
  readonly #watch: RuleWatch;
  readonly #answers: AnswerWatch;
  readonly #endpoint: Endpoint;
  readonly #children: SessionChildren;
  /** What the primary child has not proved yet, and the others shall follow when it has. */
  #unproved: { readonly wish: Wish; readonly retryStuck: boolean } | null = null;
  #drainMs = 0;
  /** Restarts of children whose sessions are over. */
  #pastRestarts = 0;

  /** `resolved`: how the config has it now. */
  constructor(name: ServerName, options: MemberOptions, resolved: () => ResolvedServer | undefined) {
    const { project, state, desk, log, gateway } = options;
    this.name = name;
    this.#options = options;
    this.#watch = new RuleWatch({
      file: logFile(project, name),
      from: state.server(name).cursor,
      rulesFor: () => resolved()?.rules() ?? [],
      onFinding: (generation, draft) => desk.raise(name, generation, draft),
      onCursor: (cursor) => state.update(name, { cursor }),
      onError: (error) => log.error(`${name}: its log cannot be read for warnings: ${error}`),
    });
    this.#answers = new AnswerWatch({
      server: name,
      desk,
      reading: () => resolved()?.answers ?? null,
      scopes: () => this.primary.scopes,
    });
    this.#endpoint = gateway.open(name);
    this.#children = new SessionChildren({
      create: (lane) => this.#sessionServer(lane),
      drainMs: () => this.#drainMs,
      onLeft: (server) => {
        this.#pastRestarts += server.restarts;
        this.#review(null);
      },
    });
    this.primary = this.#primaryServer();
  }

  /** The primary one first. */
  get servers(): readonly [Server, ...Server[]] {
    return [this.primary, ...this.#children.servers];
  }

  get sessionCount(): number {
    return this.#endpoint.sessions.size;
  }

  get callCount(): number {
    return this.#endpoint.callCount;
  }

  get restarts(): number {
    return this.servers.reduce((sum, server) => sum + server.restarts, this.#pastRestarts);
  }

  /** Takes over a child that the supervisor before this one left running. */
  adopt({ generation, memo }: Foundling): void {
    const { project, log } = this.#options;
    const target = targetOfMemo(memo, project);
    if (memo.session === null) {
      this.primary.adopt(target, generation, memo.ready);
      this.#unproved = { wish: this.primary.wish, retryStuck: false };
    } else {
      this.#endpoint.spread(this.#children);
      const { session, ready } = memo;
      const lane = this.#endpoint.adopt(session);
      if (lane === null) return;
      this.#children.adopt(lane, session, (server) =>
        server.adopt(targetForSession(target, session), generation, ready),
      );
    }
    log.info(`${this.name}: generation ${generation} was still running, and goes on`);
  }

  /** How sessions are spread over children from now on. */
  spread({ sharing, maxSessionChildren, drainMs }: ServerPolicy): void {
    this.#children.maxChildren = maxSessionChildren;
    this.#drainMs = drainMs;
    this.#endpoint.spread(sharing === 'shared' ? null : this.#children);
  }

  /** Changes what is wanted: of the primary child at once, of the others when that one has proved it. */
  want(wish: Wish, retryStuck: boolean): void {
    this.#watch.useRules();
    this.#unproved = { wish, retryStuck };
    const retry = wish.kind === 'run' && retryStuck && this.primary.isStuck;
    this.primary.want(retry ? { ...wish, force: true } : wish);
    if (wish.kind === 'run') void this.primary.settled().then(() => this.#follow());
    else this.#follow();
  }

  /** Values that no log line may show from now on. */
  hide(secrets: readonly string[]): void {
    for (const server of this.servers) server.hide(secrets);
  }

  /** Replaces the children of sessions that take more memory than they may. */
  limitSessionMemory(wanted: WantedServer | undefined): void {
    this.#children.limitMemory(wanted);
  }

  /** Resolves when the newest wish has been carried out by all children, or has failed. */
  async settled(): Promise<void> {
    await this.primary.settled();
    this.#follow();
    await Promise.all([this.#children.settled(), this.primary.informed()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.stop(), this.#children.stop()]);
  }

  #follow(): void {
    if (this.#unproved === null) return;
    const { wish, retryStuck } = this.#unproved;
    if (wish.kind === 'run' && !runs(this.primary, wish)) return;
    this.#unproved = null;
    this.#children.follow(wish, retryStuck);
  }

  #primaryServer(): Server {
    const { name } = this;
    const { state, desk } = this.#options;
    const { lastReload, restarts, scopes, keptBecause } = state.server(name);
    const events = this.#events(this.#endpoint.shared, name);
    return this.#server(
      { lastReload, restarts, scopes, keptBecause },
      {
        ...events,
        onReload: (reload) => {
          // At once: how a rotation went must be known whatever happens to this process.
          state.update(name, { lastReload: reload, keptBecause: this.primary.keptBecause });
          state.flush();
          events.onReload(reload);
        },
        onReverted: () => {
          state.update(name, { keptBecause: null });
          events.onReverted();
        },
        onVerdict: (generation, check, verdict) => {
          state.update(name, { scopes: verdict.kind === 'accepted' ? verdict.scopes : null });
          events.onVerdict(generation, check, verdict);
        },
        onLaunch: () => {
          events.onLaunch();
          this.#children.hope();
        },
        onGivenUp: (generation, reason) => {
          events.onGivenUp(generation, reason);
          this.#children.despair(givenUp(name, reason));
        },
        onServing: (generation) => {
          events.onServing(generation);
          this.#review(this.primary);
          desk.serving(name, generation.number, this.#numbersBut(this.primary));
          this.#follow();
        },
      },
    );
  }

  #sessionServer(lane: Lane): Server {
    const { desk } = this.#options;
    const events = this.#events(lane, `${this.name} (for a session)`);
    let served: GenerationNumber | null = null;
    const server: Server = this.#server(
      { lastReload: null, restarts: 0, scopes: null, keptBecause: null },
      {
        ...events,
        onServing: (generation) => {
          const { number } = generation;
          events.onServing(generation);
          this.#review(server);
          // One that replaces none says nothing of what the children of other sessions showed.
          if (served !== null && served !== number) desk.serving(this.name, number, this.#numbersBut(server));
          served = number;
        },
      },
    );
    return server;
  }

  #server(past: Omit<ServerDeps, 'generations' | 'nextNumber'>, events: ServerEvents): Server {
    const { generations, state } = this.#options;
    const deps = {
      generations: { ...generations, logRead: () => this.#watch.read() },
      nextNumber: () => state.nextGeneration(this.name),
      ...past,
    };
    return new Server(this.name, deps, events);
  }

  #events(lane: Lane, title: string): ServerEvents {
    const { name } = this;
    const { state, desk, log, onChange } = this.#options;
    const watches = { watch: this.#watch, answers: this.#answers };
    const events = serverEvents({ name, title, lane, ...watches, desk, log, onChange });
    return {
      ...events,
      onCrash: (...crash) => {
        state.update(name, { restarts: this.restarts });
        events.onCrash(...crash);
      },
    };
  }

  /** What no child shows any more is over; `recovered` has just become ready. */
  #review(recovered: Server | null): void {
    const { desk } = this.#options;
    const others = this.servers.filter((server) => server !== recovered);
    if (!others.some(({ isGivenUp }) => isGivenUp)) desk.over(this.name, 'server.crash-loop');
    if (!others.some(({ keptBecause }) => keptBecause !== null)) desk.over(this.name, 'reload.failed');
  }

  /** The generations that the other children are now. */
  #numbersBut(server: Server): Set<GenerationNumber> {
    const others = this.servers.filter((other) => other !== server);
    return new Set(others.flatMap(({ running }) => (running === null ? [] : [running.number])));
  }
}

/** Whether the server is ready with these settings. */
function runs({ running, imprint }: Server, { target }: Wish & { kind: 'run' }): boolean {
  return running?.state.kind === 'ready' && imprint?.fingerprint === target.imprint.fingerprint;
}
