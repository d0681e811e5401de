import type { ServerResponse } from 'node:http';
import type { ServerName } from '../model.ts';
import type { AnswerId } from './answer-id.ts';
import { type AnswerInspector, inspected } from './answer-inspector.ts';
import type { Backend } from './call.ts';
import { ChildMessages } from './child-messages.ts';
import { ClientMessages } from './client-messages.ts';
import { Dispatch, type DispatchLimits, type Sent, type Target } from './dispatch.ts';
import { rawIdIn, streamOf } from './event-store.ts';
import type { Handshake } from './handshake.ts';
import { goOnWith, type InterruptedCall } from './interrupted-call.ts';
import type { RpcMessage } from './link.ts';
import { locate, replaceSpan } from './message-text.ts';
import { Questions } from './questions.ts';
import type { ReceivedMessage } from './request-body.ts';
import { respond } from './respond.ts';
import { restoreState } from './restore.ts';
import { parseRouteId } from './route-id.ts';
import { errorAnswer, interruptedBy, RPC } from './rpc.ts';
import type { Session } from './session.ts';
import type { Audience } from './sessions.ts';

export interface LaneOptions {
  readonly server: ServerName;
  /** Who shares the child. */
  readonly audience: Audience;
  readonly limits: () => DispatchLimits;
  /** A session has changed: it should be written down; `now`: before anything else. */
  readonly onSessions: (now: boolean) => void;
}

/** The way between a child and the sessions that share it: it stays while generations come and go. */
export class Lane {
  /** Epoch ms: when this process opened it. */
  readonly since = Date.now();
  readonly #server: ServerName;
  readonly #audience: Audience;
  readonly #dispatch: Dispatch;
  readonly #child: ChildMessages;
  readonly #clients: ClientMessages;
  readonly #questions: Questions;
  /** The last child that served. */
  #backend: Backend | null = null;
  #curious: (() => void)[] = [];
  /** Calls of the supervisor before this one, until it is clear whether their child lives. */
  #interrupted: InterruptedCall[] = [];

  constructor({ server, audience, limits, onSessions }: LaneOptions) {
    this.#server = server;
    this.#audience = audience;
    this.#dispatch = new Dispatch(server, limits);
    this.#questions = new Questions(audience, this.#dispatch);
    this.#child = new ChildMessages(audience, this.#dispatch, this.#questions);
    this.#clients = new ClientMessages(audience, this.#dispatch, this.#questions, onSessions);
  }

  get callCount(): number {
    return this.#dispatch.callCount;
  }

  get target(): Target {
    return this.#dispatch.target;
  }

  /** What the last child that served said of itself: enough to greet a client while the next one starts. */
  get handshake(): Handshake | null {
    return this.#backend?.handshake ?? null;
  }

  /** Calls back once a child has said who it is, or it is clear that none will. */
  onceKnown(callback: () => void): void {
    if (this.handshake === null && this.target.kind === 'awaited') this.#curious.push(callback);
    else callback();
  }

  /** This child serves from now on; what clients have set is set on it too. */
  serve(backend: Backend): void {
    const before = this.#backend;
    this.#backend = backend;
    restoreState(backend, before, this.#audience.all());
    for (const interrupted of this.#interrupted.splice(0)) goOnWith(interrupted, backend, this.#dispatch);
    this.#dispatch.aim({ kind: 'serving', backend });
    this.#questions.serve();
    this.#satisfy();
  }

  /** Sessions have come that this child knows nothing of: what they have set is set on it. */
  welcome(sessions: readonly Session[]): void {
    if (this.target.kind === 'serving') restoreState(this.target.backend, null, sessions);
  }

  /** A server that was out of reach is being started. */
  expect(): void {
    if (this.target.kind === 'unavailable') this.hold();
  }

  /** The child is about to be replaced by one that cannot run beside it: calls wait. */
  hold(): void {
    this.#dispatch.aim({ kind: 'awaited' });
  }

  /** Nothing will serve until somebody does something about it. */
  unavailable(reason: string): void {
    for (const { session, call, response } of this.#interrupted.splice(0)) {
      const answer = errorAnswer(call.rawId, RPC.unavailable, reason);
      if (response.destroyed) session.answerRecovered(streamOf(call.rawId), answer);
      else respond(response, answer);
    }
    this.#dispatch.aim({ kind: 'unavailable', reason });
    this.#satisfy();
  }

  /** The child is gone, for this reason. */
  lost(backend: Backend, reason: string): void {
    this.#questions.lost(backend);
    for (const session of this.#audience.all()) this.#loseRecovered(session, reason);
    this.#dispatch.lost(backend, reason);
  }

  /** Resolves when the child (null: whichever it is) has answered everything, or after the limit. */
  drained(backend: Backend | null, limitMs: number): Promise<void> {
    return this.#dispatch.drained(backend, limitMs);
  }

  /** A line of a child that is an answer to a client. */
  onAnswer(
    line: Buffer,
    { id, start, end, failed }: AnswerId,
    inspector: AnswerInspector | null = null,
  ): void {
    const withId = (rawId: string) =>
      Buffer.concat([line.subarray(0, start), Buffer.from(rawId), line.subarray(end)]);
    const sent = this.#dispatch.settle(id);
    if (sent === undefined) this.#recover(id, withId);
    else this.#finish(sent, withId(sent.call.rawId), failed, inspector);
  }

  /** Any other message of a child; `text` is its line. */
  onMessage(
    backend: Backend,
    message: RpcMessage,
    text: string,
    inspector: AnswerInspector | null = null,
  ): void {
    const span = message.method === undefined ? locate(text, ['id']) : null;
    if (span === null) {
      this.#child.receive(backend, message, text);
      return;
    }
    // An answer in an order of members that `answerId` does not read.
    const withId = (rawId: string) => Buffer.from(replaceSpan(text, span, rawId));
    const sent = this.#dispatch.settle(String(message.id));
    if (sent === undefined) this.#recover(String(message.id), withId);
    else this.#finish(sent, withId(sent.call.rawId), message.error !== undefined, inspector);
  }

  /** The messages of one POST within a session. */
  post(session: Session, messages: readonly ReceivedMessage[], response: ServerResponse): void {
    this.#clients.post(session, messages, response);
  }

  /** A client has waited since before this supervisor was there for the answer to a call that was sent. */
  goOn(interrupted: InterruptedCall): void {
    if (this.#backend === null) this.#interrupted.push(interrupted);
    else goOnWith(interrupted, this.#backend, this.#dispatch);
  }

  /** The session is over: the child need not go on with what it asked for. */
  leave(session: Session): void {
    this.#clients.leave(session);
  }

  #finish({ call, backend }: Sent, answer: Buffer, failed: boolean, inspector: AnswerInspector | null): void {
    // One that has been replaced tells nothing of the settings that are in force.
    const tells = inspector !== null && backend === this.#backend;
    const message = tells ? inspected(call, answer, failed, inspector) : answer;
    call.onAnswer?.(failed);
    call.exchange.answer(message);
  }

  #satisfy(): void {
    for (const callback of this.#curious.splice(0)) callback();
  }

  /** An answer to a call that this supervisor did not make, or that was cancelled, or whose session is over. */
  #recover(id: string, withId: (rawId: string) => Buffer): void {
    const route = parseRouteId(id);
    const session = route === null ? undefined : this.#audience.byKey(route.sessionKey);
    if (route !== null) session?.answerRecovered(streamOf(route.rawId), withId(route.rawId));
  }

  /** Calls of the supervisor before this one were with the only child there was. */
  #loseRecovered(session: Session, reason: string): void {
    for (const stream of [...session.recovered.keys()]) {
      const message = interruptedBy(this.#server, reason);
      session.answerRecovered(stream, errorAnswer(rawIdIn(stream), RPC.unavailable, message));
    }
  }
}
