import type { Backend } from './call.ts';
import type { Dispatch } from './dispatch.ts';
import { streamOf } from './event-store.ts';
import type { RpcMessage } from './link.ts';
import { passes } from './log-level.ts';
import { locate, replaceSpan } from './message-text.ts';
import type { Questions } from './questions.ts';
import { parseRouteId } from './route-id.ts';
import { rawIdOf, resultAnswer } from './rpc.ts';
import type { Session } from './session.ts';
import type { Audience } from './sessions.ts';

/** Brings what a child says of itself to the right ones of the clients that share it, and only to them. */
export class ChildMessages {
  readonly #audience: Audience;
  readonly #dispatch: Dispatch;
  readonly #questions: Questions;

  constructor(audience: Audience, dispatch: Dispatch, questions: Questions) {
    this.#audience = audience;
    this.#dispatch = dispatch;
    this.#questions = questions;
  }

  receive(backend: Backend, message: RpcMessage, text: string): void {
    const { method, id } = message;
    if (method === undefined) return;
    if (id === undefined) this.#notification(backend, message, text);
    else if (method === 'ping') backend.send(resultAnswer(rawIdOf(text), {}));
    else this.#questions.ask(backend, method, text);
  }

  #notification(backend: Backend, message: RpcMessage, text: string): void {
    const params = message.params as Record<string, unknown> | undefined;
    const line = Buffer.from(text);
    switch (message.method) {
      case 'notifications/progress':
        this.#progress(text, params?.['progressToken']);
        return;
      case 'notifications/message':
        this.#logged(backend, line, params?.['level']);
        return;
      case 'notifications/cancelled':
        this.#questions.cancel(backend, text);
        return;
      case 'notifications/resources/updated':
        for (const session of this.#audience.all()) {
          if (session.subscriptions.has(String(params?.['uri']))) session.notify(line);
        }
        return;
      default:
        for (const session of this.#audience.all()) session.notify(line);
    }
  }

  #progress(text: string, token: unknown): void {
    const route = typeof token === 'string' ? parseRouteId(token) : null;
    const session = route === null ? undefined : this.#audience.byKey(route.sessionKey);
    const span = locate(text, ['params', 'progressToken']);
    if (route === null || session === undefined || span === null) return;
    const message = Buffer.from(replaceSpan(text, span, route.rawId));
    // By habit of the SDKs the token is the request's id; then it goes with that request's answer.
    const exchange = session.exchanges.get(streamOf(route.rawId)) ?? onlyExchange(session);
    if (exchange === undefined) session.notify(message);
    else exchange.push(message);
  }

  /** A child does not say which request a log message belongs to; with one in flight there is no doubt. */
  #logged(backend: Backend, line: Buffer, level: unknown): void {
    const calls = this.#dispatch.callsOf(backend);
    for (const session of this.#audience.all()) {
      if (!passes(level, session.logLevel)) continue;
      const [only, ...others] = calls;
      if (only?.session === session && others.length === 0) only.exchange.push(line);
      else session.notify(line);
    }
  }
}

function onlyExchange(session: Session) {
  const [only, ...others] = session.exchanges.values();
  return others.length === 0 ? only : undefined;
}
