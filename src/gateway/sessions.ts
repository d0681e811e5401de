import { newSessionId, Session, type SessionRecord, sessionKey } from './session.ts';

export interface SessionLimits {
  readonly maxSessions: number;
  /** A session without a sign of its client for so long is over: clients rarely say goodbye. */
  readonly idleMs: number;
}

/** The sessions that a child serves: all of a server's, or a single one. */
export interface Audience {
  all(): readonly Session[];
  byKey(key: string): Session | undefined;
}

/** The sessions of one server. */
export class Sessions implements Audience {
  readonly #limits: () => SessionLimits;
  readonly #onChange: (now: boolean) => void;
  readonly #onEnd: (session: Session) => void;
  readonly #byId = new Map<string, Session>();
  readonly #byKey = new Map<string, Session>();

  /** `onEnd`: a session is over, whether its client ended it or it was idle for too long. */
  constructor(
    limits: () => SessionLimits,
    onChange: (now: boolean) => void,
    onEnd: (session: Session) => void,
  ) {
    this.#limits = limits;
    this.#onChange = onChange;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): readonly Session[] {
    return [...this.#byId.values()];
  }

  /** Also notes that its client is there. */
  find(id: string): Session | undefined {
    const session = this.#byId.get(id);
    if (session !== undefined) session.lastSeen = Date.now();
    return session;
  }

  byKey(key: string): Session | undefined {
    return this.#byKey.get(key);
  }

  create(fields: Omit<SessionRecord, 'id' | 'logLevel' | 'subscriptions' | 'lastSeen'>): Session {
    this.expire();
    if (this.#byId.size >= this.#limits().maxSessions) this.#dropOldest();
    let id = newSessionId();
    while (this.#byKey.has(sessionKey(id))) id = newSessionId();
    const session = new Session(
      { ...fields, id, logLevel: null, subscriptions: [], lastSeen: Date.now() },
      false,
    );
    this.#add(session);
    // Its client learns the id next, and may outlive this process.
    this.#onChange(true);
    return session;
  }

  /** A session of the supervisor before. */
  restore(record: SessionRecord): void {
    this.#add(new Session(record, true));
  }

  remove(session: Session): void {
    session.close();
    this.#byId.delete(session.id);
    this.#byKey.delete(session.key);
    this.#onEnd(session);
    this.#onChange(false);
  }

  expire(): void {
    const oldest = Date.now() - this.#limits().idleMs;
    for (const session of this.#byId.values()) {
      if (session.lastSeen < oldest && !session.active) this.remove(session);
    }
  }

  #add(session: Session): void {
    this.#byId.set(session.id, session);
    this.#byKey.set(session.key, session);
  }

  #dropOldest(): void {
    const idle = this.all().filter((session) => !session.active);
    const [oldest] = (idle.length > 0 ? idle : this.all()).toSorted((a, b) => a.lastSeen - b.lastSeen);
    if (oldest !== undefined) this.remove(oldest);
  }
}
