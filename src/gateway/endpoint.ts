import type { ServerResponse } from 'node:http';
import type { ServerName } from '../model.ts';
import type { AnswerId } from './answer-id.ts';
import type { Backend, Call } from './call.ts';
import { ChildMessages } from './child-messages.ts';
import { Dispatch, type DispatchLimits } from './dispatch.ts';
import { Exchange } from './exchange.ts';
import { answerInitialize } from './initialize.ts';
import type { RpcMessage } from './link.ts';
import { isLogLevel } from './log-level.ts';
import { locate, onOneLine, replaceSpan } from './message-text.ts';
import { restoreState } from './restore.ts';
import { routeId } from './route-id.ts';
import { errorAnswer, isRequest, RPC, resultAnswer } from './rpc.ts';
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
  readonly #onSessions: (now: boolean) => void;
  /** What the last child said of itself: enough to greet a client while the next one starts. */
  #backend: Backend | null = null;
  #greetings: (() => void)[] = [];

  constructor({ server, limits, sessionLimits, onSessions }: EndpointOptions) {
    this.server = server;
    this.#onSessions = onSessions;
    this.sessions = new Sessions(sessionLimits, onSessions);
    this.#dispatch = new Dispatch(server, limits);
    this.#child = new ChildMessages(this.sessions, this.#dispatch);
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
    for (const greet of this.#greetings.splice(0)) greet();
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
    for (const greet of this.#greetings.splice(0)) greet();
  }

  lost(backend: Backend, reason: string): void {
    this.#child.lost(backend);
    this.#dispatch.lost(backend, reason);
  }

  drained(backend: Backend, limitMs: number): Promise<void> {
    return this.#dispatch.drained(backend, limitMs);
  }

  /** A line of a child that is an answer to a client. */
  onAnswer(line: Buffer, { id, start, end }: AnswerId): void {
    const call = this.#dispatch.settle(id);
    // Its client has cancelled it, or its session is over.
    if (call === undefined) return;
    const answer = Buffer.concat([line.subarray(0, start), Buffer.from(call.rawId), line.subarray(end)]);
    this.#finish(call, answer, line.includes('"error":') && line.subarray(0, 9).toString() === '{"error":');
  }

  /** Any other message of a child; `text` is its line. */
  onMessage(backend: Backend, message: RpcMessage, text: string): void {
    const { id } = message;
    const span = message.method === undefined && typeof id === 'string' ? locate(text, ['id']) : null;
    const call = span === null ? undefined : this.#dispatch.settle(String(id));
    if (call !== undefined && span !== null) {
      this.#finish(call, Buffer.from(replaceSpan(text, span, call.rawId)), message.error !== undefined);
      return;
    }
    this.#child.receive(backend, message, text);
  }

  /** A client says hello; it waits for the first child if there has been none. */
  initialize(message: RpcMessage, text: string, response: ServerResponse): void {
    const rawId = rawIdOf(text);
    if (this.#backend === null && this.#dispatch.target.kind === 'awaited') {
      this.#greetings.push(() => this.initialize(message, text, response));
      return;
    }
    const { target } = this.#dispatch;
    const reason = target.kind === 'unavailable' ? target.reason : `${this.server} has not started yet`;
    const handshake = this.#backend?.handshake ?? null;
    const greeting = handshake === null ? null : answerInitialize(handshake, message.params);
    if (greeting === null || target.kind === 'unavailable') {
      respond(response, errorAnswer(rawId, RPC.unavailable, reason));
      return;
    }
    const { client, capabilities, result } = greeting;
    const { protocolVersion } = result;
    const session = this.sessions.create({ server: this.server, client, capabilities, protocolVersion });
    respond(response, resultAnswer(rawId, result), session.headers);
  }

  /** The messages of one POST within a session. Text and message go in pairs. */
  post(
    session: Session,
    messages: readonly { message: RpcMessage; text: string }[],
    response: ServerResponse,
  ): void {
    const requests = messages.filter(({ message }) => isRequest(message));
    const taken = requests.find(({ text }) => this.#isTaken(session, text));
    if (taken !== undefined) {
      const problem = 'this id is in use by a request that has not been answered yet';
      respond(response, errorAnswer(rawIdOf(taken.text), RPC.invalidRequest, problem), {}, 400);
      return;
    }
    for (const { message, text } of messages) if (!isRequest(message)) this.#note(session, message, text);
    const [first] = requests;
    if (first === undefined) {
      response.writeHead(202, session.headers).end();
      return;
    }
    const streamId = encodeURIComponent(rawIdOf(first.text));
    const exchange = new Exchange(session, response, streamId, requests.length);
    for (const { message, text } of requests) this.#request(session, exchange, message, text);
  }

  end(session: Session): void {
    for (const backend of this.#backend === null ? [] : [this.#backend]) {
      for (const call of this.#dispatch.callsOf(backend))
        if (call.session === session) this.#cancel(call.id, null);
    }
    this.sessions.remove(session);
  }

  #isTaken(session: Session, text: string): boolean {
    return this.#dispatch.has(routeId({ sessionKey: session.key, rawId: rawIdOf(text) }));
  }

  #request(session: Session, exchange: Exchange, message: RpcMessage, text: string): void {
    const rawId = rawIdOf(text);
    const answer = (result: unknown) => exchange.answer(resultAnswer(rawId, result));
    const params = message.params as Record<string, unknown> | undefined;
    switch (message.method) {
      case 'ping':
        answer({});
        return;
      case 'logging/setLevel':
        if (isLogLevel(params?.['level'])) session.logLevel = params['level'];
        this.#onSessions(false);
        break;
      case 'resources/unsubscribe':
        session.subscriptions.delete(String(params?.['uri']));
        this.#onSessions(false);
        // The child must go on for the others.
        if (this.#isSubscribed(String(params?.['uri']))) {
          answer({});
          return;
        }
        break;
      default:
        break;
    }
    this.#submit(session, exchange, message, text);
  }

  #submit(session: Session, exchange: Exchange, message: RpcMessage, text: string): void {
    const rawId = rawIdOf(text);
    const id = routeId({ sessionKey: session.key, rawId });
    const params = message.params as Record<string, unknown> | undefined;
    const call: Call = {
      id,
      rawId,
      session,
      exchange,
      method: message.method ?? '',
      tool: typeof params?.['name'] === 'string' ? params['name'] : null,
      line: Buffer.from(this.#forChild(session, message, text, id)),
      onAnswer: (failed) => {
        session.exchanges.delete(exchange.streamId);
        if (message.method !== 'resources/subscribe' || failed) return;
        session.subscriptions.add(String(params?.['uri']));
        this.#onSessions(false);
      },
      resent: false,
    };
    session.calls += 1;
    session.exchanges.set(exchange.streamId, exchange);
    this.#dispatch.submit(call);
  }

  /** The same message under ids that no other session uses. */
  #forChild(session: Session, message: RpcMessage, text: string, id: string): string {
    let line = onOneLine(text);
    const token = locate(line, ['params', '_meta', 'progressToken']);
    if (token !== null) {
      const rawId = line.slice(token.start, token.end);
      line = replaceSpan(line, token, JSON.stringify(routeId({ sessionKey: session.key, rawId })));
    }
    const level = message.method === 'logging/setLevel' ? locate(line, ['params', 'level']) : null;
    if (level !== null) line = replaceSpan(line, level, JSON.stringify(this.#child.level() ?? 'info'));
    const span = locate(line, ['id']);
    return span === null ? line : replaceSpan(line, span, JSON.stringify(id));
  }

  /** What needs no answer: notifications, and answers to the child's own requests. */
  #note(session: Session, message: RpcMessage, text: string): void {
    if (message.method === undefined) {
      this.#child.answer(session, message, text);
      return;
    }
    if (message.method === 'notifications/initialized') return;
    if (message.method === 'notifications/cancelled') {
      const span = locate(text, ['params', 'requestId']);
      if (span === null) return;
      const id = routeId({ sessionKey: session.key, rawId: text.slice(span.start, span.end) });
      this.#cancel(id, replaceSpan(onOneLine(text), span, JSON.stringify(id)));
      return;
    }
    if (this.#dispatch.target.kind === 'serving') {
      this.#dispatch.target.backend.send(Buffer.from(this.#forChild(session, message, text, '')));
    }
  }

  /** Takes a call back; the child is told, in the client's own words where there are any. */
  #cancel(id: string, text: string | null): void {
    const cancelled = this.#dispatch.cancel(id);
    if (cancelled === undefined) return;
    const { call, backend } = cancelled;
    const params = { requestId: id, reason: 'the client has ended its session' };
    const line = text ?? JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    backend?.send(Buffer.from(line));
    call.session.exchanges.delete(call.exchange.streamId);
    call.exchange.drop();
  }

  #finish(call: Call, answer: Buffer, failed: boolean): void {
    call.onAnswer?.(failed);
    call.exchange.answer(answer);
  }

  #isSubscribed(uri: string): boolean {
    return this.sessions.all().some(({ subscriptions }) => subscriptions.has(uri));
  }
}

function rawIdOf(text: string): string {
  const span = locate(text, ['id']);
  return span === null ? 'null' : text.slice(span.start, span.end);
}

function respond(
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}
