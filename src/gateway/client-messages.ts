import type { ServerResponse } from 'node:http';
import type { Call } from './call.ts';
import type { Dispatch } from './dispatch.ts';
import { streamOf } from './event-store.ts';
import { Exchange } from './exchange.ts';
import type { RpcMessage } from './link.ts';
import { isLogLevel, mostVerbose } from './log-level.ts';
import { locate, onOneLine, replaceSpan } from './message-text.ts';
import type { Questions } from './questions.ts';
import type { ReceivedMessage } from './request-body.ts';
import { respond } from './respond.ts';
import { routeId } from './route-id.ts';
import { errorAnswer, isRequest, RPC, rawIdOf, resultAnswer } from './rpc.ts';
import type { Session } from './session.ts';
import type { Audience } from './sessions.ts';

type Params = Record<string, unknown> | undefined;

/** Brings what clients say to the child that they share, each under ids of its own. */
export class ClientMessages {
  readonly #audience: Audience;
  readonly #dispatch: Dispatch;
  readonly #questions: Questions;
  readonly #onSessions: (now: boolean) => void;

  constructor(
    audience: Audience,
    dispatch: Dispatch,
    questions: Questions,
    onSessions: (now: boolean) => void,
  ) {
    this.#audience = audience;
    this.#dispatch = dispatch;
    this.#questions = questions;
    this.#onSessions = onSessions;
  }

  /** The messages of one POST within a session. */
  post(session: Session, messages: readonly ReceivedMessage[], response: ServerResponse): void {
    const requests = messages.filter(({ message }) => isRequest(message));
    const ids = requests.map(({ text }) => rawIdOf(text));
    const taken = ids.find((id, at) => ids.indexOf(id) < at || this.#isTaken(session, id));
    if (taken !== undefined) {
      const problem = 'this id is in use by a request that has not been answered yet';
      respond(response, errorAnswer(taken, RPC.invalidRequest, problem), {}, 400);
      return;
    }
    for (const { message, text } of messages) if (!isRequest(message)) this.#note(session, message, text);
    const [first] = ids;
    if (first === undefined) {
      response.writeHead(202, session.headers).end();
      return;
    }
    const streamId = streamOf(first);
    const exchange = Exchange.begin(session, response, streamId, requests.length);
    for (const { message, text } of requests) this.#request(session, exchange, message, text);
  }

  /** The session is over: the child need not go on with what it asked for. */
  leave(session: Session): void {
    for (const call of this.#dispatch.callsOfSession(session)) this.#cancel(call.id, null);
  }

  #isTaken(session: Session, rawId: string): boolean {
    return this.#dispatch.has(routeId({ sessionKey: session.key, rawId }));
  }

  #request(session: Session, exchange: Exchange, message: RpcMessage, text: string): void {
    const params = message.params as Params;
    const answer = () => exchange.answer(resultAnswer(rawIdOf(text), {}));
    switch (message.method) {
      case 'ping':
        answer();
        return;
      // Another hello to a child that all share, hidden in a batch.
      case 'initialize':
        exchange.answer(errorAnswer(rawIdOf(text), RPC.invalidRequest, 'the session is initialized already'));
        return;
      case 'logging/setLevel':
        if (isLogLevel(params?.['level'])) session.logLevel = params['level'];
        this.#onSessions(false);
        // A child that has no log of its own, or will be told when it is there: the level is ours then.
        if (!this.#childLogs()) {
          if (isLogLevel(params?.['level'])) answer();
          else exchange.answer(errorAnswer(rawIdOf(text), RPC.invalidParams, 'level is none that MCP has'));
          return;
        }
        break;
      case 'resources/unsubscribe':
        session.subscriptions.delete(String(params?.['uri']));
        this.#onSessions(false);
        // The child must go on for the others.
        if (this.#isSubscribed(String(params?.['uri']))) {
          answer();
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
    const params = message.params as Params;
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
        // It was not idle while it waited.
        session.lastSeen = Date.now();
        if (message.method !== 'resources/subscribe' || failed) return;
        session.subscriptions.add(String(params?.['uri']));
        this.#onSessions(false);
      },
      resent: false,
    };
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
    const asked = message.method === 'logging/setLevel' ? (message.params as Params)?.['level'] : undefined;
    // A level that is none is the child's to refuse.
    const level = isLogLevel(asked) ? locate(line, ['params', 'level']) : null;
    if (level !== null) line = replaceSpan(line, level, JSON.stringify(mostVerbose(this.#audience.all())));
    const span = locate(line, ['id']);
    return span === null ? line : replaceSpan(line, span, JSON.stringify(id));
  }

  /** What needs no answer: notifications, and answers to the child's own requests. */
  #note(session: Session, message: RpcMessage, text: string): void {
    const { target } = this.#dispatch;
    switch (message.method) {
      case undefined:
        this.#questions.answer(session, message, text);
        return;
      // The child has had its own from us.
      case 'notifications/initialized':
        return;
      case 'notifications/cancelled': {
        const span = locate(text, ['params', 'requestId']);
        if (span === null) return;
        const id = routeId({ sessionKey: session.key, rawId: text.slice(span.start, span.end) });
        this.#cancel(id, onOneLine(replaceSpan(text, span, JSON.stringify(id))));
        return;
      }
      default:
        if (target.kind === 'serving') target.backend.send(Buffer.from(onOneLine(text)));
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

  #childLogs(): boolean {
    const { target } = this.#dispatch;
    return (
      target.kind === 'serving' && target.backend.handshake?.initialize.capabilities['logging'] !== undefined
    );
  }

  #isSubscribed(uri: string): boolean {
    return this.#audience.all().some(({ subscriptions }) => subscriptions.has(uri));
  }
}
