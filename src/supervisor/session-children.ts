import type { Lane } from '../gateway/lane.ts';
import type { Session } from '../gateway/session.ts';
import type { LaneHost } from '../gateway/session-lanes.ts';
import type { WantedServer } from '../model.ts';
import { excessOf, memoryCause, replacing } from './memory-limit.ts';
import type { Server } from './server.ts';
import { targetForSession } from './target.ts';
import type { Wish } from './wish.ts';

export interface SessionChild {
  readonly server: Server;
  readonly sessionId: string;
}

export interface SessionChildrenOptions {
  readonly create: (lane: Lane) => Server;
  /** How long the calls of a session that will share a child may take to finish on its own one. */
  readonly drainMs: () => number;
  /** A session's child is gone for good. */
  readonly onLeft: (server: Server) => void;
}

/** What is wanted of the children. `wait`: the primary one has to prove it first. */
type Order =
  | { readonly kind: 'wait' }
  /** The primary child was given up before it proved anything. */
  | { readonly kind: 'hopeless'; readonly reason: string }
  | { readonly kind: 'follow'; readonly wish: Wish };

/**
 * The children that sessions of one server have for themselves: a `Server` each, so that a session's
 * child is replaced, restarted and given up just as a shared one.
 */
export class SessionChildren implements LaneHost {
  maxChildren = Number.POSITIVE_INFINITY;
  readonly #options: SessionChildrenOptions;
  readonly #children = new Map<Lane, SessionChild>();
  readonly #leaving = new Set<Promise<void>>();
  #order: Order = { kind: 'wait' };

  constructor(options: SessionChildrenOptions) {
    this.#options = options;
  }

  get servers(): readonly Server[] {
    return [...this.#children.values()].map(({ server }) => server);
  }

  open(lane: Lane, { id }: Session): void {
    this.#begin(this.#add(lane, id), lane);
  }

  /** Hands over the child that the supervisor before this one left running. */
  adopt(lane: Lane, sessionId: string, takeOver: (server: Server) => void): void {
    const child = this.#add(lane, sessionId);
    takeOver(child.server);
    this.#begin(child, lane);
  }

  close(lane: Lane, over: boolean): void {
    const child = this.#children.get(lane);
    if (child === undefined) return;
    this.#children.delete(lane);
    const left = this.#end(lane, child.server, over).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  /** The primary child has proved a wish, or there is nothing to prove: it counts for all. */
  follow(wish: Wish, retryStuck: boolean): void {
    this.#order = { kind: 'follow', wish };
    for (const child of this.#children.values()) {
      tell(child, wish, retryStuck && child.server.isStuck);
    }
  }

  /** The primary child has been given up: those who wait for it are told why. */
  despair(reason: string): void {
    if (this.#order.kind !== 'wait') return;
    this.#order = { kind: 'hopeless', reason };
    for (const [lane, { server }] of this.#children) if (server.running === null) lane.unavailable(reason);
  }

  /** The primary child is started (again). */
  hope(): void {
    if (this.#order.kind !== 'hopeless') return;
    this.#order = { kind: 'wait' };
    for (const lane of this.#children.keys()) lane.expect();
  }

  /** Replaces each child that takes more memory than it may. */
  limitMemory(wanted: WantedServer | undefined): void {
    for (const child of this.#children.values()) {
      const excess = excessOf(child.server, wanted);
      if (excess === null || excess.waitMs > 0) continue;
      if (this.#order.kind !== 'follow' || this.#order.wish.kind !== 'run') continue;
      replacing(child.server);
      tell(child, { ...this.#order.wish, cause: memoryCause(excess) }, true);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.settled()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers.map((server) => server.stop()), ...this.#leaving]);
  }

  #add(lane: Lane, sessionId: string): SessionChild {
    const child = { server: this.#options.create(lane), sessionId };
    this.#children.set(lane, child);
    return child;
  }

  #begin(child: SessionChild, lane: Lane): void {
    switch (this.#order.kind) {
      case 'wait':
        return;
      case 'hopeless':
        lane.unavailable(this.#order.reason);
        return;
      case 'follow':
        tell(child, this.#order.wish, false);
        return;
    }
  }

  async #end(lane: Lane, server: Server, over: boolean): Promise<void> {
    if (!over) await lane.drained(null, this.#options.drainMs());
    await server.stop();
    this.#options.onLeft(server);
  }
}

function tell({ server, sessionId }: SessionChild, wish: Wish, force: boolean): void {
  if (wish.kind !== 'run') server.want(wish);
  else server.want({ ...wish, target: targetForSession(wish.target, sessionId), force: wish.force || force });
}
