import { setTimeout as sleep } from 'node:timers/promises';
import { notification, RPC } from '../gateway/rpc.ts';
import { type ClientLine, memberText, withId } from './client-line.ts';
import type { Endpoint, Session } from './endpoint.ts';
import { bodyOf, Problem, rpcError } from './problem.ts';
import { Cut } from './wire.ts';

export interface ConversationOptions {
  readonly endpoint: Endpoint;
  /** A session has begun, in the place of the one before, if there was one. */
  readonly onSession: (session: Session) => void;
  readonly toClient: (message: Buffer) => void;
  readonly signal: AbortSignal;
}

const MAX_ATTEMPTS = 10;
const PAUSE_MS = 200;

interface Begun {
  readonly answer: Buffer;
  /** null: the gateway's answer is an error. */
  readonly session: Session | null;
}

/**
 * What the client has said of itself and has set. It says that once; where the gateway has lost the
 * session, it is said again in the client's own words, and the client does not notice.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  #greeting: Buffer | null = null;
  #initialized: Buffer | null = null;
  #logLevel: Buffer | null = null;
  readonly #subscriptions = new Map<string, Buffer>();
  #session: Promise<Session> | null = null;
  /** The newest session that the gateway has given out. */
  #known: Session | null = null;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** Remembers what another session would have to be told. */
  note({ method, bytes }: ClientLine): void {
    const uri = () => memberText(bytes, ['params', 'uri']) ?? '';
    if (method === 'notifications/initialized') this.#initialized = bytes;
    else if (method === 'logging/setLevel') this.#logLevel = bytes;
    else if (method === 'resources/subscribe') this.#subscriptions.set(uri(), bytes);
    else if (method === 'resources/unsubscribe') this.#subscriptions.delete(uri());
  }

  /** The client's own `initialize`. Resolves with the gateway's answer, which may be an error. */
  async begin(greeting: Buffer): Promise<Buffer> {
    // A client that starts over.
    void this.end();
    this.#greeting = greeting;
    const begun = this.#initialize(greeting);
    // What the client sends before it has the answer waits for it.
    this.#hold(begun.then(sessionOrError));
    const { answer, session } = await begun;
    if (session !== null) this.#enter(session);
    return answer;
  }

  /** The session there is. Where there is none any more, another one is begun. */
  async current(): Promise<Session> {
    if (this.#session !== null) return this.#session;
    if (this.#greeting === null) throw new Problem(RPC.invalidRequest, 'Say initialize before anything else');
    return this.#hold(this.#beginAgain(this.#greeting));
  }

  /** The gateway does not know this session any more. */
  lost(stale: Session): void {
    if (this.#known !== stale) return;
    this.#known = null;
    this.#session = null;
  }

  /** Says goodbye. */
  async end(): Promise<void> {
    const session = this.#known;
    this.#known = null;
    this.#session = null;
    if (session !== null) await this.#options.endpoint.leave(session);
  }

  #enter(session: Session): void {
    this.#known = session;
    this.#options.onSession(session);
  }

  #hold(session: Promise<Session>): Promise<Session> {
    this.#session = session;
    session.catch(() => {
      // The next message tries again.
      if (this.#session === session) this.#session = null;
    });
    return session;
  }

  async #initialize(greeting: Buffer): Promise<Begun> {
    const { endpoint, signal } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await endpoint.post(null, greeting, { signal });
        const id = response.headers['mcp-session-id'];
        const answer = await bodyOf(response);
        const version = memberText(answer, ['result', 'protocolVersion']);
        const known = typeof id === 'string' && version !== null;
        return { answer, session: known ? { id, protocolVersion: JSON.parse(version) } : null };
      } catch (error) {
        // To say it twice does no harm.
        if (!(error instanceof Cut) || attempt === MAX_ATTEMPTS) throw error;
        await sleep(PAUSE_MS, undefined, { signal });
      }
    }
  }

  async #beginAgain(greeting: Buffer): Promise<Session> {
    const { endpoint, toClient, signal } = this.#options;
    const begun = await this.#initialize(greeting);
    const session = sessionOrError(begun);
    const told = [this.#initialized, this.#logLevel, ...this.#subscriptions.values()];
    for (const [index, message] of told.entries()) {
      if (message === null) continue;
      const body = withId(message, `"mcp-supervisor-connect-${index}"`);
      (await endpoint.post(session, body, { signal })).resume();
    }
    this.#enter(session);
    for (const list of changeableLists(begun.answer))
      toClient(notification(`notifications/${list}/list_changed`));
    return session;
  }
}

function sessionOrError({ answer, session }: Begun): Session {
  if (session !== null) return session;
  const { code, message } = rpcError(answer);
  throw new Problem(code, message);
}

/** Nobody told us of changes while there was no session. */
function changeableLists(answer: Buffer): string[] {
  const { result } = JSON.parse(answer.toString()) as {
    result?: { capabilities?: Record<string, { listChanged?: boolean } | undefined> };
  };
  const capabilities = result?.capabilities ?? {};
  return ['tools', 'prompts', 'resources'].filter((list) => capabilities[list]?.listChanged === true);
}
