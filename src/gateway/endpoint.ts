import type { ServerResponse } from 'node:http';
import type { ServerName } from '../model.ts';
import type { AnswerId } from './answer-id.ts';
import type { Backend, Call } from './call.ts';
import { ChildMessages } from './child-messages.ts';
import { ClientMessages } from './client-messages.ts';
import { Dispatch, type DispatchLimits } from './dispatch.ts';
import type { Handshake } from './handshake.ts';
import { answerInitialize } from './initialize.ts';
import type { RpcMessage } from './link.ts';
import { locate, replaceSpan } from './message-text.ts';
import type { ReceivedMessage } from './request-body.ts';
import { respond } from './respond.ts';
import { restoreState } from './restore.ts';
import { parseRouteId } from './route-id.ts';
import { errorAnswer, RPC, rawIdOf, resultAnswer } from './rpc.ts';
import type { Session } from './session.ts';
import { type SessionLimits, Sessions } from './sessions.ts';

export interface EndpointOptions {
  readonly server: ServerName;
  readonly limits: () => DispatchLimits;
  readonly sessionLimits: () => SessionLimits;
  /** A session has come, gone or changed: it should be written down; `now`: before anything else. */
  readonly onSessions: (now: boolean) => void;
}

/** One server as its clients see it: it stays while generations come and go behind it. */
export class Endpoint {
  readonly server: ServerName;
  readonly sessions: Sessions;
  readonly #dispatch: Dispatch;
  readonly #child: ChildMessages;
  readonly #clients: ClientMessages;
  /** The last child that served: enough to greet a client while the next one starts. */
  #backend: Backend | null = null;
  #greetings: (() => void)[] = [];

  constructor({ server, limits, sessionLimits, onSessions }: EndpointOptions) {
    this.server = server;
    this.sessions = new Sessions(sessionLimits, onSessions);
    this.#dispatch = new Dispatch(server, limits);
    this.#child = new ChildMessages(this.sessions, this.#dispatch);
    this.#clients = new ClientMessages(this.sessions, this.#dispatch, this.#child, onSessions);
  }

  get callCount(): number {
    return this.#dispatch.callCount;
  }

  /** This child serves from now on; what clients have set is set on it too. */
  serve(backend: Backend): void {
    const before = this.#backend;
    this.#backend = backend;
    restoreState(backend, before, this.sessions.all());
    this.#dispatch.aim({ kind: 'serving', backend });
    this.#greet();
  }

  /** A server that was out of reach is being started. */
  expect(): void {
    if (this.#dispatch.target.kind === 'unavailable') this.hold();
  }

  /** The child is about to be replaced by one that cannot run beside it: calls wait. */
  hold(): void {
    this.#dispatch.aim({ kind: 'awaited' });
  }

  /** Nothing will serve until somebody does something about it. */
  unavailable(reason: string): void {
    this.#dispatch.aim({ kind: 'unavailable', reason });
    this.#greet();
  }

  /** The child is gone, for this reason. */
  lost(backend: Backend, reason: string): void {
    this.#child.lost(backend);
    for (const session of this.sessions.all()) this.#loseRecovered(session, reason);
    this.#dispatch.lost(backend, reason);
  }

  /** Resolves when the child has answered everything, or after the limit. */
  drained(backend: Backend, limitMs: number): Promise<void> {
    return this.#dispatch.drained(backend, limitMs);
  }

  /** A line of a child that is an answer to a client. */
  onAnswer(line: Buffer, { id, start, end }: AnswerId): void {
    const withId = (rawId: string) =>
      Buffer.concat([line.subarray(0, start), Buffer.from(rawId), line.subarray(end)]);
    const call = this.#dispatch.settle(id);
    if (call === undefined) this.#recover(id, withId);
    else finish(call, withId(call.rawId), line.subarray(0, FAILED.length).equals(FAILED));
  }

  /** Any other message of a child; `text` is its line. */
  onMessage(backend: Backend, message: RpcMessage, text: string): void {
    const span = message.method === undefined ? locate(text, ['id']) : null;
    if (span === null) {
      this.#child.receive(backend, message, text);
      return;
    }
    // An answer in an order of members that `answerId` does not read.
    const withId = (rawId: string) => Buffer.from(replaceSpan(text, span, rawId));
    const call = this.#dispatch.settle(String(message.id));
    if (call === undefined) this.#recover(String(message.id), withId);
    else finish(call, withId(call.rawId), message.error !== undefined);
  }

  /** A client says hello; it waits for the first child if there has been none. */
  initialize({ message, text }: ReceivedMessage, response: ServerResponse): void {
    const { target } = this.#dispatch;
    const handshake = this.#backend?.handshake ?? null;
    if (handshake === null && target.kind === 'awaited') {
      this.#greetings.push(() => {
        // A client that did not wait would leave a session behind.
        if (!response.destroyed) this.initialize({ message, text }, response);
      });
      return;
    }
    respond(response, ...this.#welcome(handshake, { message, text }));
  }

  /** The messages of one POST within a session. */
  post(session: Session, messages: readonly ReceivedMessage[], response: ServerResponse): void {
    this.#clients.post(session, messages, response);
  }

  /** The client says goodbye. */
  end(session: Session): void {
    this.#clients.end(session);
  }

  /** The answer to `initialize`, and the headers that name the new session. */
  #welcome(
    handshake: Handshake | null,
    { message, text }: ReceivedMessage,
  ): [answer: Buffer, headers?: Session['headers']] {
    const { target } = this.#dispatch;
    const rawId = rawIdOf(text);
    if (target.kind === 'unavailable') return [errorAnswer(rawId, RPC.unavailable, target.reason)];
    const greeting = handshake === null ? null : answerInitialize(handshake, message.params);
    if (greeting === null)
      return [errorAnswer(rawId, RPC.invalidParams, 'params of initialize are malformed')];
    const { client, capabilities, result } = greeting;
    const { protocolVersion } = result;
    const session = this.sessions.create({ server: this.server, client, capabilities, protocolVersion });
    return [resultAnswer(rawId, result), session.headers];
  }

  #greet(): void {
    for (const greet of this.#greetings.splice(0)) greet();
  }

  /** An answer to a call that this supervisor did not make, or that was cancelled, or whose session is over. */
  #recover(id: string, withId: (rawId: string) => Buffer): void {
    const route = parseRouteId(id);
    const session = route === null ? undefined : this.sessions.byKey(route.sessionKey);
    if (route !== null) session?.answerRecovered(encodeURIComponent(route.rawId), withId(route.rawId));
  }

  /** Calls of the supervisor before this one were with the only child there was. */
  #loseRecovered(session: Session, reason: string): void {
    for (const stream of [...session.recovered.keys()]) {
      const message = `${this.server} ${reason} during this call; it may or may not have been carried out`;
      session.answerRecovered(stream, errorAnswer(decodeURIComponent(stream), RPC.unavailable, message));
    }
  }
}

/** How the SDKs begin an answer that is an error. */
const FAILED = Buffer.from('{"error":');

function finish(call: Call, answer: Buffer, failed: boolean): void {
  call.onAnswer?.(failed);
  call.exchange.answer(answer);
}
