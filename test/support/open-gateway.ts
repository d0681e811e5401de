import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionJournal } from '../../src/gateway/connection-journal.ts';
import { SLOT_BYTES } from '../../src/gateway/connection-slot.ts';
import { Endpoint } from '../../src/gateway/endpoint.ts';
import { HttpGateway, type HttpOptions } from '../../src/gateway/http.ts';
import type { SessionRecord } from '../../src/gateway/session.ts';
import type { Warning } from '../../src/model.ts';
import { ScriptedChild, type ScriptOptions } from './scripted-child.ts';
import { until } from './until.ts';

export const TOKEN = 'the-token-of-the-test';

export interface OpenOptions extends Partial<HttpOptions> {
  readonly maxSessions?: number;
  readonly idleMs?: number;
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
  /** What is wrong with the server. */
  readonly warnings?: () => readonly Warning[];
  /** What the supervisor before knew. */
  readonly sessions?: readonly SessionRecord[];
  /** The journal of the supervisor before; its first connection is the first that comes. */
  readonly journalText?: Buffer;
  /** Sees each connection before it is served. */
  readonly onSocket?: (socket: Socket) => void;
}

/** The gateway's HTTP side with all its real parts, on a port of its own; children are scripted. */
export class OpenGateway implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #dir = mkdtempSync(join(tmpdir(), 'mcps-gateway-'));
  readonly #journalFile = join(this.#dir, 'connections');
  readonly #journal: ConnectionJournal;
  readonly #http: HttpGateway;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #nextId = 1;

  private constructor(options: OpenOptions) {
    const {
      maxSessions = 100,
      idleMs = 60_000,
      maxWaiting = 100,
      maxWaitMs = 60_000,
      sessions = [],
      warnings = () => [],
      onSocket,
      journalText,
    } = options;
    if (journalText !== undefined) writeFileSync(this.#journalFile, journalText);
    this.#journal = new ConnectionJournal(this.#journalFile);
    this.endpoint = new Endpoint({
      server: 'scripted',
      limits: () => ({ maxWaiting, maxWaitMs }),
      sessionLimits: () => ({ maxSessions, idleMs }),
      onSessions: () => {},
      warnings,
    });
    for (const record of sessions) this.endpoint.sessions.restore(record);
    this.#http = new HttpGateway({
      host: '127.0.0.1',
      token: TOKEN,
      maxBodyBytes: 16 * 1024 * 1024,
      endpoint: (server) => (server === 'scripted' ? this.endpoint : undefined),
      journal: this.#journal,
      notReady: () => [],
      ...options,
    });
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      onSocket?.(socket);
      this.#http.accept(socket, `${this.#nextId++}`, () => this.#sockets.delete(socket));
    });
  }

  static async start(options: OpenOptions = {}): Promise<OpenGateway> {
    const gateway = new OpenGateway(options);
    await gateway.#http.listen(join(gateway.#dir, 'http.sock'));
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.origin}/scripted/mcp`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** The journal as the next supervisor would find it. */
  get journal(): Buffer {
    return readFileSync(this.#journalFile);
  }

  /** The mark of each connection in it, in their order. */
  get marks(): string {
    return [...this.journal.toString('latin1')].filter((_, at) => at % SLOT_BYTES === 0).join('');
  }

  /** Resolves when no connection is open. */
  async closed(): Promise<void> {
    await until('every connection is closed', () => this.#sockets.size === 0);
  }

  /** A child that serves from now on. */
  serve(script: ScriptOptions = {}): ScriptedChild {
    return new ScriptedChild(this.endpoint.shared, script);
  }

  /** Breaks every connection, as a network does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endpoint.shared.unavailable('the test is over');
    for (const session of this.endpoint.sessions.all()) this.endpoint.end(session);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.closed();
    await this.#http.close();
    this.#journal.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
