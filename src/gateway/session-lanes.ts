import { Lane, type LaneOptions } from './lane.ts';
import { type Session, sessionKey } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Who starts and ends the children that sessions have for themselves. */
export interface LaneHost {
  /** How many there may be at a time. */
  readonly maxChildren: number;
  /** A session needs a child. */
  open(lane: Lane, session: Session): void;
  /** It needs none any more. `over`: also its calls are over; else they may be finished. */
  close(lane: Lane, over: boolean): void;
}

/** A client that was heard of so recently may be between two calls: it is not idle. */
const QUIET_MS = 10_000;

/** The sessions that have a child for themselves, each with the lane to it. */
export class SessionLanes {
  readonly #sessions: Sessions;
  readonly #options: Omit<LaneOptions, 'audience'>;
  readonly #lanes = new Map<Session, Lane>();

  constructor(sessions: Sessions, options: Omit<LaneOptions, 'audience'>) {
    this.#sessions = sessions;
    this.#options = options;
  }

  get callCount(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.callCount, 0);
  }

  find(session: Session): Lane | undefined {
    return this.#lanes.get(session);
  }

  /** The session's lane, opened if need be; without room for another child one where nobody serves. */
  of(session: Session, host: LaneHost): Lane {
    const known = this.#lanes.get(session);
    if (known !== undefined) return known;
    const problem = this.makeRoom(host);
    if (problem === null) return this.open(session, host);
    const nowhere = this.#laneTo(session);
    nowhere.unavailable(problem);
    return nowhere;
  }

  open(session: Session, host: LaneHost): Lane {
    const lane = this.#add(session);
    host.open(lane, session);
    return lane;
  }

  /** The lane to a child that the supervisor before this one had started. Null: its session is over. */
  adopt(sessionId: string): Lane | null {
    const session = this.#sessions.byKey(sessionKey(sessionId));
    return session === undefined || session.id !== sessionId ? null : this.#add(session);
  }

  /** Ends idle sessions, the longest idle first, until one more child fits in. Null, or why it does not. */
  makeRoom({ maxChildren }: LaneHost): string | null {
    this.#sessions.expire();
    while (this.#lanes.size >= maxChildren) {
      const idle = this.#longestIdle();
      if (idle === undefined) return full(this.#options.server, maxChildren);
      // Its client begins a new one when it comes back: going on with a fresh child would hide the loss.
      this.#sessions.remove(idle);
    }
    return null;
  }

  /** The session is over. */
  close(session: Session, host: LaneHost): void {
    const lane = this.#lanes.get(session);
    if (lane === undefined) return;
    this.#lanes.delete(session);
    host.close(lane, true);
  }

  /** All sessions share a child from now on. */
  dissolve(host: LaneHost): void {
    for (const lane of this.#lanes.values()) host.close(lane, false);
    this.#lanes.clear();
  }

  #add(session: Session): Lane {
    const lane = this.#laneTo(session);
    this.#lanes.set(session, lane);
    return lane;
  }

  #laneTo(session: Session): Lane {
    const audience = {
      all: () => [session],
      byKey: (key: string) => (key === session.key ? session : undefined),
    };
    return new Lane({ ...this.#options, audience });
  }

  #longestIdle(): Session | undefined {
    const quietSince = Date.now() - QUIET_MS;
    const [longest] = [...this.#lanes]
      // Also a client of the supervisor before this one gets time to come back.
      .filter(([session, lane]) => !session.active && Math.max(session.lastSeen, lane.since) < quietSince)
      .map(([session]) => session)
      .toSorted((a, b) => a.lastSeen - b.lastSeen);
    return longest;
  }
}

function full(server: string, maxChildren: number): string {
  return (
    `${maxChildren} sessions have a child of ${server} each and are in use, and maxSessionChildren allows no more: ` +
    `end one of them, or raise servers.${server}.maxSessionChildren in the config`
  );
}
