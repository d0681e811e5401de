import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { EventStore, streamOf } from './event-store.ts';
import { EventStream } from './event-stream.ts';
import { Exchange } from './exchange.ts';

/** The stream of messages that belong to no request. */
const STANDALONE = 'get';

/** What the next supervisor must know of a session. No secrets. */
export const sessionRecord = z.object({
  id: z.string(),
  server: z.string(),
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  client: z.string(),
  logLevel: z.string().nullable(),
  subscriptions: z.array(z.string()),
  lastSeen: z.number(),
});
export type SessionRecord = z.infer<typeof sessionRecord>;

/** One client's session with one server. It outlives generations, and the supervisor. */
export class Session {
  readonly id: string;
  /** Names it in the ids that a shared child sees. */
  readonly key: string;
  readonly server: string;
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly client: string;
  readonly events = new EventStore();
  readonly subscriptions: Set<string>;
  /** The exchanges that wait for an answer, by stream id. */
  readonly exchanges = new Map<string, Exchange>();
  /** Exchanges of the supervisor before this one whose clients have come back. */
  readonly recovered = new Map<string, Exchange>();
  logLevel: string | null;
  lastSeen: number;
  /** Its client has said that it is ready; that of a restored one has done so before. */
  initialized: boolean;
  readonly #restored: boolean;
  #standalone: EventStream | null = null;

  /** `restored`: it was begun with the supervisor before this one. */
  constructor(record: SessionRecord, restored: boolean) {
    this.#restored = restored;
    this.initialized = restored;
    this.id = record.id;
    this.key = sessionKey(record.id);
    this.server = record.server;
    this.protocolVersion = record.protocolVersion;
    this.capabilities = record.capabilities;
    this.client = record.client;
    this.logLevel = record.logLevel;
    this.subscriptions = new Set(record.subscriptions);
    this.lastSeen = record.lastSeen;
  }

  get headers(): { 'mcp-session-id': string } {
    return { 'mcp-session-id': this.id };
  }

  get record(): SessionRecord {
    const { id, server, protocolVersion, capabilities, client, logLevel, lastSeen } = this;
    const subscriptions = [...this.subscriptions];
    return {
      id,
      server,
      protocolVersion,
      capabilities: { ...capabilities },
      client,
      logLevel,
      subscriptions,
      lastSeen,
    };
  }

  /** Whether a client is there: it has a stream open, or waits for an answer. */
  get active(): boolean {
    return this.#standalone?.open === true || this.exchanges.size > 0 || this.recovered.size > 0;
  }

  /** A message that belongs to no request; kept for the client where it does not listen now. */
  notify(message: Buffer): void {
    const event = this.events.add(STANDALONE, message);
    this.#standalone?.send(event.id, message);
  }

  /** Opens the stream for what belongs to no request. A client that opens a second one has lost the first. */
  listen(response: ServerResponse): void {
    this.#attach(new EventStream(response, this.headers), 0);
  }

  /**
   * Goes on with a stream from where the client lost it. An exchange that is not known may be one that
   * the supervisor before this one began: its child may still answer. False when it surely is over.
   */
  resume(response: ServerResponse, stream: string, sequence: number): boolean {
    if (stream === STANDALONE) {
      this.#attach(new EventStream(response, this.headers), sequence);
      return true;
    }
    const exchange = this.exchanges.get(stream);
    const missed = this.events.after(stream, sequence);
    if (exchange === undefined && missed.length === 0) {
      if (!this.#restored) return false;
      this.recovered.set(stream, Exchange.recover(this, response, stream));
      return true;
    }
    const events = new EventStream(response, this.headers);
    for (const event of missed) events.send(event.id, event.message);
    if (exchange === undefined) events.end();
    else exchange.resume(events, response);
    return true;
  }

  /** The answer, where it is kept, to a call that an earlier supervisor made; `rawId` is JSON text. */
  answerTo(rawId: string): Buffer | undefined {
    return this.events.after(streamOf(rawId), 0).at(-1)?.message;
  }

  /** The answer to a call of the supervisor before this one: for a client that is back, or comes back. */
  answerRecovered(stream: string, message: Buffer): void {
    const exchange = this.recovered.get(stream);
    this.recovered.delete(stream);
    if (exchange === undefined) this.events.add(stream, message);
    else exchange.answer(message);
  }

  close(): void {
    this.#standalone?.end();
  }

  #attach(events: EventStream, sequence: number): void {
    this.#standalone?.end();
    this.#standalone = events;
    // It was not idle while it listened.
    events.onClose(() => {
      this.lastSeen = Date.now();
    });
    for (const event of this.events.after(STANDALONE, sequence)) events.send(event.id, event.message);
  }
}

const KEY_CHARACTERS = 10;

export function newSessionId(): string {
  return randomBytes(16).toString('hex');
}

export function sessionKey(id: string): string {
  return id.slice(0, KEY_CHARACTERS);
}
