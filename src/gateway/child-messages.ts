import { randomBytes } from 'node:crypto';
import type { Backend, Call } from './call.ts';
import type { Dispatch } from './dispatch.ts';
import { streamOf } from './event-store.ts';
import type { RpcMessage } from './link.ts';
import { mostVerbose, passes } from './log-level.ts';
import { locate, onOneLine, replaceSpan } from './message-text.ts';
import { parseRouteId } from './route-id.ts';
import { errorAnswer, RPC, resultAnswer } from './rpc.ts';
import type { Session } from './session.ts';
import type { Audience } from './sessions.ts';

/** A request of a child that a client has been asked. */
interface Asked {
  readonly backend: Backend;
  readonly session: Session;
  /** JSON text of the child's own id, which may be 0. */
  readonly rawId: string;
}

/** What a client must be able to do to be asked. */
const NEEDS: ReadonlyMap<string, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
]);

/** Brings what a child says of itself to the right ones of the clients that share it, and only to them. */
export class ChildMessages {
  readonly #audience: Audience;
  readonly #dispatch: Dispatch;
  readonly #asked = new Map<string, Asked>();
  /** Another supervisor's questions must not be taken for ours. */
  readonly #prefix = `server-${randomBytes(4).toString('hex')}-`;
  #nextId = 1;

  constructor(audience: Audience, dispatch: Dispatch) {
    this.#audience = audience;
    this.#dispatch = dispatch;
  }

  /** The log level that suits every session. */
  level(): string | null {
    return mostVerbose(this.#audience.all().map(({ logLevel }) => logLevel));
  }

  receive(backend: Backend, message: RpcMessage, text: string): void {
    if (message.method === undefined) return;
    if (message.id === undefined) this.#notification(backend, message, text);
    else this.#request(backend, message, text);
  }

  /** A client's answer to a request of a child. */
  answer(session: Session, message: RpcMessage, text: string): void {
    const id = String(message.id);
    const asked = this.#asked.get(id);
    // Somebody else's question, or one of a child that is gone.
    if (asked === undefined || asked.session !== session) return;
    this.#asked.delete(id);
    const span = locate(text, ['id']);
    if (span !== null) asked.backend.send(Buffer.from(onOneLine(replaceSpan(text, span, asked.rawId))));
  }

  /** Nobody waits for answers any more. */
  lost(backend: Backend): void {
    for (const [id, asked] of this.#asked) if (asked.backend === backend) this.#asked.delete(id);
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
        this.#cancelled(backend, text);
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

  #cancelled(backend: Backend, text: string): void {
    const span = locate(text, ['params', 'requestId']);
    if (span === null) return;
    const rawId = text.slice(span.start, span.end);
    for (const [id, asked] of this.#asked) {
      if (asked.backend !== backend || asked.rawId !== rawId) continue;
      this.#asked.delete(id);
      deliver(
        asked.session,
        this.#dispatch.callsOf(backend),
        Buffer.from(replaceSpan(text, span, JSON.stringify(id))),
      );
    }
  }

  /** Sampling, elicitation, roots: for the one client that has a request in flight, never for a guess. */
  #request(backend: Backend, message: RpcMessage, text: string): void {
    const span = locate(text, ['id']);
    if (span === null || message.method === undefined) return;
    const rawId = text.slice(span.start, span.end);
    const refuse = (code: number, why: string) => backend.send(errorAnswer(rawId, code, why));
    if (message.method === 'ping') {
      backend.send(resultAnswer(rawId, {}));
      return;
    }
    // Many servers ask at their start, when nobody is there yet.
    if (message.method === 'roots/list' && this.#audience.all().length === 0) {
      backend.send(resultAnswer(rawId, { roots: [] }));
      return;
    }
    const calls = this.#dispatch.callsOf(backend);
    const candidates = new Set(calls.map(({ session }) => session));
    const all = this.#audience.all();
    if (candidates.size === 0 && all.length === 1) candidates.add(all[0] as Session);
    const [session, ...others] = candidates;
    if (session === undefined) {
      refuse(RPC.internal, `no client has a request in flight that ${message.method} could belong to`);
      return;
    }
    if (others.length > 0) {
      const count = candidates.size;
      refuse(
        RPC.internal,
        `${count} clients have requests in flight, and ${message.method} does not say whose it is`,
      );
      return;
    }
    const needed = NEEDS.get(message.method);
    if (needed !== undefined && !(needed in session.capabilities)) {
      refuse(RPC.methodNotFound, `the client does not support ${needed}`);
      return;
    }
    const id = `${this.#prefix}${this.#nextId++}`;
    this.#asked.set(id, { backend, session, rawId });
    deliver(session, calls, Buffer.from(replaceSpan(text, span, JSON.stringify(id))));
  }
}

/** Along with the answer that the client waits for, if it waits; else on its standalone stream. */
function deliver(session: Session, calls: readonly Call[], message: Buffer): void {
  const call = calls.find((candidate) => candidate.session === session);
  if (call === undefined) session.notify(message);
  else call.exchange.push(message);
}

function onlyExchange(session: Session) {
  const [only, ...others] = session.exchanges.values();
  return others.length === 0 ? only : undefined;
}
