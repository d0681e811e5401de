import { randomBytes } from 'node:crypto';
import type { Backend, Call } from './call.ts';
import type { Dispatch } from './dispatch.ts';
import type { RpcMessage } from './link.ts';
import { locate, onOneLine, replaceSpan } from './message-text.ts';
import { parseQuestionId, questionId } from './question-id.ts';
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

/** An answer to what the supervisor before this one asked. */
interface EarlyAnswer {
  /** The pm2 app of the runner whose child waits for it. */
  readonly app: string;
  readonly line: Buffer;
}

/** Answers that come before it is clear which child serves: a client hardly ever has two questions open. */
const MAX_EARLY = 100;

/** What a client must be able to do to be asked. */
const NEEDS: ReadonlyMap<string, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
]);

/** What a child asks its clients: sampling, elicitation, roots. It goes to the right one, or to none. */
export class Questions {
  readonly #audience: Audience;
  readonly #dispatch: Dispatch;
  readonly #asked = new Map<string, Asked>();
  #early: EarlyAnswer[] = [];
  /** Another supervisor's questions must not be taken for ours. */
  readonly #supervisor = randomBytes(4).toString('hex');
  #count = 0;

  constructor(audience: Audience, dispatch: Dispatch) {
    this.#audience = audience;
    this.#dispatch = dispatch;
  }

  /** For the one client that has a request in flight, never for a guess. */
  ask(backend: Backend, method: string, text: string): void {
    const span = locate(text, ['id']);
    if (span === null) return;
    const rawId = text.slice(span.start, span.end);
    const refuse = (code: number, why: string) => backend.send(errorAnswer(rawId, code, why));
    const all = this.#audience.all();
    // Many servers ask at their start, when nobody is there yet.
    if (method === 'roots/list' && all.length === 0) {
      backend.send(resultAnswer(rawId, { roots: [] }));
      return;
    }
    const calls = this.#dispatch.callsOf(backend);
    const candidates = new Set(calls.map(({ session }) => session));
    if (candidates.size === 0 && all.length === 1) candidates.add(all[0] as Session);
    const [session, ...others] = candidates;
    if (session === undefined) {
      refuse(RPC.internal, `no client has a request in flight that ${method} could belong to`);
      return;
    }
    if (others.length > 0) {
      const why = `${candidates.size} clients have requests in flight, and ${method} does not say whose it is`;
      refuse(RPC.internal, why);
      return;
    }
    const needed = NEEDS.get(method);
    if (needed !== undefined && !(needed in session.capabilities)) {
      refuse(RPC.methodNotFound, `the client does not support ${needed}`);
      return;
    }
    const id = questionId({
      supervisor: this.#supervisor,
      number: ++this.#count,
      sessionKey: session.key,
      app: backend.app,
      rawId,
    });
    this.#asked.set(id, { backend, session, rawId });
    deliver(session, calls, Buffer.from(replaceSpan(text, span, JSON.stringify(id))));
  }

  answer(session: Session, message: RpcMessage, text: string): void {
    const span = locate(text, ['id']);
    if (span === null) return;
    const id = String(message.id);
    const withId = (rawId: string) => Buffer.from(onOneLine(replaceSpan(text, span, rawId)));
    const asked = this.#asked.get(id);
    if (asked?.session === session) {
      this.#asked.delete(id);
      asked.backend.send(withId(asked.rawId));
      return;
    }
    // Else it was somebody else's question, or one of a child that is gone.
    const question = parseQuestionId(id);
    if (question === null || question.supervisor === this.#supervisor) return;
    if (question.sessionKey === session.key) this.#hand({ app: question.app, line: withId(question.rawId) });
  }

  /** It is clear which child serves: whether it is the one that the supervisor before this one had. */
  serve(): void {
    for (const answer of this.#early.splice(0)) this.#hand(answer);
  }

  /** The child does not want to know any more. */
  cancel(backend: Backend, text: string): void {
    const span = locate(text, ['params', 'requestId']);
    if (span === null) return;
    const rawId = text.slice(span.start, span.end);
    for (const [id, asked] of this.#asked) {
      if (asked.backend !== backend || asked.rawId !== rawId) continue;
      this.#asked.delete(id);
      const message = Buffer.from(replaceSpan(text, span, JSON.stringify(id)));
      deliver(asked.session, this.#dispatch.callsOf(backend), message);
    }
  }

  /** Nobody waits for answers any more. */
  lost(backend: Backend): void {
    for (const [id, asked] of this.#asked) if (asked.backend === backend) this.#asked.delete(id);
  }

  #hand(answer: EarlyAnswer): void {
    const { target } = this.#dispatch;
    if (target.kind === 'serving') {
      const { backend } = target;
      if (backend.app === answer.app && backend.inherited > 0) backend.send(answer.line);
    } else if (target.kind === 'awaited' && this.#early.length < MAX_EARLY) {
      this.#early.push(answer);
    }
  }
}

/** Along with the answer that the client waits for, if it waits; else on its standalone stream. */
function deliver(session: Session, calls: readonly Call[], message: Buffer): void {
  const call = calls.find((candidate) => candidate.session === session);
  if (call === undefined) session.notify(message);
  else call.exchange.push(message);
}
