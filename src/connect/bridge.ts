import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { errorAnswer, RPC } from '../gateway/rpc.ts';
import { LineSplitter } from '../runner/line-splitter.ts';
import { Backlog } from './backlog.ts';
import { type ClientLine, memberText, readClientLine } from './client-line.ts';
import { ClientRequest } from './client-request.ts';
import { Conversation } from './conversation.ts';
import { ANSWER_MS, Endpoint, type Session } from './endpoint.ts';
import { Outlet } from './outlet.ts';
import { answerFor, SessionLost, stranger } from './problem.ts';
import { Reach, type ReachOptions } from './reach.ts';
import { Standalone } from './standalone.ts';

/** No gateway takes more; a longer line is not kept. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
/** As long as the SDKs wait for an answer. A client that wants none sends signals two seconds after it closes stdin. */
const LAST_ANSWERS_MS = 60_000;
/** The same where the supervisor is away. */
const LAST_PATIENCE_MS = 1_500;

export interface BridgeOptions extends ReachOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** How long the answers to what was asked before the end of the input are waited for. */
  readonly lastAnswersMs?: number;
}

/** Runs until the client goes, or until it is told to end. */
export async function bridge(options: BridgeOptions): Promise<void> {
  const { input, signal, lastAnswersMs = LAST_ANSWERS_MS } = options;
  const running = new Bridge(options);
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const hasEnded = new Promise<void>((resolve) => {
    input.once('end', resolve);
    input.once('close', resolve);
    input.once('error', () => resolve());
  });
  const gone = Promise.race([aborted, running.unread]);
  running.read();
  await Promise.race([hasEnded, gone]);
  await Promise.race([running.settled(lastAnswersMs), gone]);
  input.destroy();
  await running.end();
}

/** Between a client on stdio and the endpoint: what one says reaches the other as it was written. */
class Bridge {
  /** Resolves when the client does not read any more. */
  readonly unread: Promise<void>;
  readonly #options: BridgeOptions;
  readonly #over = new AbortController();
  readonly #reach: Reach;
  readonly #endpoint: Endpoint;
  readonly #outlet: Outlet;
  readonly #conversation: Conversation;
  readonly #standalone: Standalone;
  readonly #requests = new Set<ClientRequest>();
  readonly #running = new Set<Promise<void>>();
  readonly #backlog: Backlog;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.input);
    this.#reach = new Reach(options);
    this.#endpoint = new Endpoint(this.#reach);
    const outlet = new Outlet(options.output);
    this.#outlet = outlet;
    this.unread = outlet.closed;
    this.#conversation = new Conversation({
      endpoint: this.#endpoint,
      onSession: (session) => this.#standalone.follow(session),
      toClient: (message) => void outlet.write(message),
      signal: this.#over.signal,
    });
    this.#standalone = new Standalone({
      endpoint: this.#endpoint,
      outlet,
      onLost: (session) => this.#run(this.#replace(session)),
    });
  }

  read(): void {
    const { input } = this.#options;
    const splitter = new LineSplitter(
      {
        onLine: (line) => this.#onLine(line),
        onOversize: (bytes) => this.#refuse(`a message of ${bytes} bytes is larger than any server takes`),
      },
      MAX_LINE_BYTES,
    );
    input.on('data', (chunk: Buffer) => splitter.push(chunk));
    input.once('end', () => splitter.end());
  }

  /** Resolves when nothing is left to do, or after `limitMs`, or soon where the supervisor is away. */
  async settled(limitMs: number): Promise<void> {
    const since = Date.now();
    const left = () => since + Math.min(limitMs, this.#reach.away ? LAST_PATIENCE_MS : limitMs) - Date.now();
    while (this.#running.size > 0 && left() > 0) {
      const look = sleep(Math.min(left(), LAST_PATIENCE_MS), undefined, { ref: false });
      await Promise.race([Promise.all(this.#running), look]);
    }
  }

  async end(): Promise<void> {
    this.#standalone.stop();
    for (const request of this.#requests) request.abandon();
    await this.#conversation.end();
    this.#over.abort();
    this.#reach.close();
  }

  #onLine(line: Buffer): void {
    if (line.length === 0) return;
    const messages = readClientLine(line);
    if (messages === null) this.#refuse('this line is no JSON-RPC message');
    for (const message of messages ?? []) {
      const taken = this.#backlog.hold(message.bytes.length);
      this.#conversation.note(message);
      this.#run(this.#forward(message, taken).finally(taken));
    }
  }

  #forward(message: ClientLine, onSent: () => void): Promise<void> {
    const { method, rawId, bytes } = message;
    if (method === null || rawId === null) return this.#note(message);
    if (method === 'initialize') return this.#initialize(bytes, rawId);
    const request = new ClientRequest({
      rawId,
      body: bytes,
      conversation: this.#conversation,
      endpoint: this.#endpoint,
      outlet: this.#outlet,
      onSent,
    });
    this.#requests.add(request);
    return request.run().finally(() => this.#requests.delete(request));
  }

  async #initialize(greeting: Buffer, rawId: string): Promise<void> {
    try {
      if (!(await this.#outlet.write(await this.#conversation.begin(greeting)))) throw stranger();
    } catch (error) {
      if (!this.#over.signal.aborted) await this.#outlet.write(answerFor(rawId, error));
    }
  }

  /** What needs no answer: notifications, and answers to what the server asks. */
  async #note({ method, bytes }: ClientLine): Promise<void> {
    if (method === 'notifications/cancelled' && !this.#cancel(bytes)) return;
    try {
      const session = await this.#conversation.current();
      const options = { signal: this.#over.signal, answerMs: ANSWER_MS };
      (await this.#endpoint.post(session, bytes, options)).resume();
    } catch (error) {
      // What it is about has ended along with the session.
      if (error instanceof SessionLost || this.#over.signal.aborted) return;
      const what = method ?? 'an answer to the server';
      this.#options.tell(`${what} could not be delivered: ${messageOf(error)}`);
    }
  }

  /** Whether the gateway has to be told, since it has the request. */
  #cancel(bytes: Buffer): boolean {
    const rawId = memberText(bytes, ['params', 'requestId']);
    const requests = [...this.#requests].filter((request) => request.rawId === rawId);
    return requests.map((request) => request.cancel()).includes(true);
  }

  /** The session is gone: another one is begun at once, for what the server may have to say. */
  async #replace(session: Session): Promise<void> {
    this.#conversation.lost(session);
    await this.#conversation.current().catch((error: unknown) => {
      this.#options.tell(`the session is lost, and there is no new one yet: ${messageOf(error)}`);
    });
  }

  #refuse(problem: string): void {
    this.#run(this.#outlet.write(errorAnswer('null', RPC.parse, problem)));
  }

  #run(work: Promise<unknown>): void {
    const running = work.then(
      () => void this.#running.delete(running),
      (error: unknown) => {
        this.#running.delete(running);
        this.#options.tell(`a bug of mcp-supervisor connect, please report it: ${error}`);
      },
    );
    this.#running.add(running);
  }
}
