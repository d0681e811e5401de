import type { ServerResponse } from 'node:http';
import type { ServerName, Warning } from '../model.ts';
import type { SentCall } from './connection-slot.ts';
import type { DispatchLimits } from './dispatch.ts';
import { answerInitialize } from './initialize.ts';
import { Lane } from './lane.ts';
import type { ReceivedMessage } from './request-body.ts';
import { respond } from './respond.ts';
import { errorAnswer, RPC, rawIdOf, resultAnswer } from './rpc.ts';
import type { Session } from './session.ts';
import { type LaneHost, SessionLanes } from './session-lanes.ts';
import { type SessionLimits, Sessions } from './sessions.ts';
import { tellWarning } from './warning-messages.ts';

export interface EndpointOptions {
  readonly server: ServerName;
  readonly limits: () => DispatchLimits;
  readonly sessionLimits: () => SessionLimits;
  /** A session has come, gone or changed: it should be written down; `now`: before anything else. */
  readonly onSessions: (now: boolean) => void;
  /** What is wrong with the server now. */
  readonly warnings: () => readonly Warning[];
}

/** One server as its clients see it: sessions that share a child, or have one each. */
export class Endpoint {
  readonly server: ServerName;
  readonly sessions: Sessions;
  /** To the child that all share. Where each has its own, this one only says what the server is. */
  readonly shared: Lane;
  readonly #own: SessionLanes;
  readonly #warnings: () => readonly Warning[];
  /** null: all share. */
  #host: LaneHost | null = null;

  constructor({ server, limits, sessionLimits, onSessions, warnings }: EndpointOptions) {
    this.server = server;
    this.#warnings = warnings;
    this.sessions = new Sessions(sessionLimits, onSessions, (session) => this.#forget(session));
    const options = { server, limits, onSessions };
    const audience = {
      all: () => (this.#host === null ? this.sessions.all() : []),
      // Also for calls that are still under way when each session gets its own child.
      byKey: (key: string) => this.sessions.byKey(key),
    };
    this.shared = new Lane({ ...options, audience });
    this.#own = new SessionLanes(this.sessions, options);
  }

  get callCount(): number {
    return this.shared.callCount + this.#own.callCount;
  }

  /** From now on all sessions share a child, or (with a host) each gets its own with its next message. */
  spread(host: LaneHost | null): void {
    const before = this.#host;
    this.#host = host;
    if (before === null || host !== null) return;
    this.#own.dissolve(before);
    this.shared.welcome(this.sessions.all());
  }

  /** The lane to a child that the supervisor before this one had started. Null: its session is over. */
  adopt(sessionId: string): Lane | null {
    return this.#own.adopt(sessionId);
  }

  /** A client says hello; it waits for the first child if there has been none. */
  initialize(hello: ReceivedMessage, response: ServerResponse): void {
    this.shared.onceKnown(() => {
      // A client that did not wait would leave a session behind.
      if (!response.destroyed) respond(response, ...this.#welcome(hello));
    });
  }

  /** The messages of one POST within a session. */
  post(session: Session, messages: readonly ReceivedMessage[], response: ServerResponse): void {
    const lane = this.#host === null ? this.shared : this.#own.of(session, this.#host);
    lane.post(session, messages, response);
    if (!session.initialized && messages.some(isInitialized)) this.#brief(session);
  }

  /** Something is wrong with the server, which those who work with it should know. */
  warn(warning: Warning): void {
    for (const session of this.sessions.all()) if (session.initialized) tellWarning(session, warning);
  }

  /** A client has waited since before this supervisor was there for the answer to a call that was sent. */
  goOn(session: Session, call: SentCall, response: ServerResponse): void {
    (this.#own.find(session) ?? this.shared).goOn({ session, call, response });
  }

  /** The client says goodbye. */
  end(session: Session): void {
    this.sessions.remove(session);
  }

  /** The answer to `initialize`, and the headers that name the new session. */
  #welcome({ message, text }: ReceivedMessage): [answer: Buffer, headers?: Session['headers']] {
    const { target, handshake } = this.shared;
    const rawId = rawIdOf(text);
    if (target.kind === 'unavailable') return [errorAnswer(rawId, RPC.unavailable, target.reason)];
    const greeting = handshake === null ? null : answerInitialize(handshake, message.params);
    if (greeting === null)
      return [errorAnswer(rawId, RPC.invalidParams, 'params of initialize are malformed')];
    const problem = this.#host === null ? null : this.#own.makeRoom(this.#host);
    if (problem !== null) return [errorAnswer(rawId, RPC.unavailable, problem)];
    const { client, capabilities, result } = greeting;
    const { protocolVersion } = result;
    const session = this.sessions.create({ server: this.server, client, capabilities, protocolVersion });
    if (this.#host !== null) this.#own.open(session, this.#host);
    return [resultAnswer(rawId, result), session.headers];
  }

  /** A client is ready for messages: it learns what is wrong already. */
  #brief(session: Session): void {
    session.initialized = true;
    for (const warning of this.#warnings()) if (warning.severity !== 'info') tellWarning(session, warning);
  }

  /** A session is over, whoever ended it. */
  #forget(session: Session): void {
    this.shared.leave(session);
    if (this.#host !== null) this.#own.close(session, this.#host);
  }
}

function isInitialized({ message }: ReceivedMessage): boolean {
  return message.method === 'notifications/initialized';
}
