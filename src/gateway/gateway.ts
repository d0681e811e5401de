import { hasCode, SupervisorError } from '../errors.ts';
import type { ServerName, Warning } from '../model.ts';
import type { ConnectionJournal } from './connection-journal.ts';
import { Endpoint } from './endpoint.ts';
import { type GatewaySettings, originOf } from './gateway-settings.ts';
import { HttpGateway } from './http.ts';
import type { Listener } from './listener.ts';
import { portOwner } from './port-owner.ts';
import type { SessionRecord } from './session.ts';

export interface GatewayOptions {
  /** Where the port's connections come from. */
  readonly listener: Listener;
  readonly journal: ConnectionJournal;
  /** A socket of our own, beside the port. */
  readonly socketPath: string;
  /** Reads the bearer token, or makes it. */
  readonly token: () => string;
  /** What the supervisor before this one knew. */
  readonly sessions: readonly SessionRecord[];
  /** `now`: a client is about to rely on it. */
  readonly saveSessions: (records: readonly SessionRecord[], now: boolean) => void;
  readonly notReady: () => readonly ServerName[];
  /** What is wrong with a server now. */
  readonly warnings: (server: ServerName) => readonly Warning[];
}

/** Sessions that nobody has used for too long are looked for so often, or as often as their limit is. */
const EXPIRE_MS = 60_000;

/** Where clients connect: one endpoint for each server, behind one port. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #endpoints = new Map<ServerName, Endpoint>();
  /** Sessions with servers that have no endpoint yet: these are kept for them, or for the next supervisor. */
  #kept: readonly SessionRecord[];
  #settings: GatewaySettings | null = null;
  #http: HttpGateway | null = null;
  #url: string | null = null;
  #expiring: NodeJS.Timeout | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#kept = options.sessions;
  }

  /** null: it does not listen (yet). */
  get url(): string | null {
    return this.#url;
  }

  /**
   * Listens as the settings say; `port` is the one to prefer where they leave it open. Where that
   * cannot be, everything stays as it was.
   */
  async configure(settings: GatewaySettings, port: number): Promise<number> {
    const before = this.#settings;
    const bound = isSameAddress(before, settings) ? port : await this.#listen(settings, port);
    this.#settings = settings;
    this.#url = originOf(settings.host, bound);
    if (before?.sessionIdleMs !== settings.sessionIdleMs) this.#watchIdle(settings);
    if (!isSameAccess(before, settings)) await this.#serve(settings);
    return bound;
  }

  /** Whether a session was there when this supervisor began. */
  had(server: ServerName, sessionId: string): boolean {
    return this.#options.sessions.some((record) => record.server === server && record.id === sessionId);
  }

  /** The endpoint of a server, with the sessions that it had. */
  open(server: ServerName): Endpoint {
    const known = this.#endpoints.get(server);
    if (known !== undefined) return known;
    const settings = () => this.#settings;
    const endpoint = new Endpoint({
      server,
      limits: () => ({
        maxWaiting: settings()?.maxWaitingCalls ?? 0,
        maxWaitMs: settings()?.maxWaitMs ?? 0,
      }),
      sessionLimits: () => ({
        maxSessions: settings()?.maxSessions ?? 1,
        idleMs: settings()?.sessionIdleMs ?? 0,
      }),
      onSessions: (now) => this.#save(now),
      warnings: () => this.#options.warnings(server),
    });
    for (const record of this.#kept) if (record.server === server) endpoint.sessions.restore(record);
    this.#kept = this.#kept.filter((record) => record.server !== server);
    this.#endpoints.set(server, endpoint);
    return endpoint;
  }

  /** Tells the clients of a server what is wrong with it. */
  warn(warning: Warning): void {
    if (warning.server !== null) this.#endpoints.get(warning.server)?.warn(warning);
  }

  /** The server is not in the config any more. */
  remove(server: ServerName): void {
    const endpoint = this.#endpoints.get(server);
    if (endpoint === undefined) return;
    endpoint.shared.unavailable('is not in the config any more');
    for (const session of endpoint.sessions.all()) endpoint.end(session);
    this.#endpoints.delete(server);
  }

  /** Lets go of the clients: the next supervisor gets their connections, with what they wait for. */
  release(): void {
    if (this.#expiring !== null) clearInterval(this.#expiring);
    this.#save(true);
  }

  async #listen({ host, port }: GatewaySettings, preferred: number): Promise<number> {
    const { listener } = this.#options;
    try {
      return await listener.listen(host, port === 0 ? preferred : port);
    } catch (error) {
      // The port that was free for an earlier supervisor is somebody else's now.
      if (port === 0 && preferred !== 0 && hasCode(error, 'EADDRINUSE')) return listener.listen(host, 0);
      throw cannotListen(error, host, port);
    }
  }

  /** Who may come in has changed, so everybody comes in anew. */
  async #serve({ host, auth, maxBodyBytes }: GatewaySettings): Promise<void> {
    await this.#http?.close();
    const http = new HttpGateway({
      host,
      token: auth === 'token' ? this.#options.token() : null,
      maxBodyBytes,
      endpoint: (server) => this.#endpoints.get(server),
      journal: this.#options.journal,
      notReady: this.#options.notReady,
    });
    this.#http = http;
    await http.listen(this.#options.socketPath);
    const { listener } = this.#options;
    listener.onConnection((socket, id) => http.accept(socket, id, () => listener.closed(id)));
  }

  #watchIdle({ sessionIdleMs }: GatewaySettings): void {
    if (this.#expiring !== null) clearInterval(this.#expiring);
    this.#expiring = setInterval(() => this.#expire(sessionIdleMs), Math.min(EXPIRE_MS, sessionIdleMs));
  }

  #expire(sessionIdleMs: number): void {
    for (const endpoint of this.#endpoints.values()) endpoint.sessions.expire();
    const oldest = Date.now() - sessionIdleMs;
    this.#kept = this.#kept.filter(({ lastSeen }) => lastSeen >= oldest);
    this.#save(false);
  }

  #save(now: boolean): void {
    const sessions = [...this.#endpoints.values()].flatMap((endpoint) => endpoint.sessions.all());
    this.#options.saveSessions([...sessions.map(({ record }) => record), ...this.#kept], now);
  }
}

function isSameAddress(before: GatewaySettings | null, now: GatewaySettings): boolean {
  return before?.host === now.host && before.port === now.port;
}

function isSameAccess(before: GatewaySettings | null, now: GatewaySettings): boolean {
  return before?.host === now.host && before.auth === now.auth && before.maxBodyBytes === now.maxBodyBytes;
}

function cannotListen(error: unknown, host: string, port: number): SupervisorError {
  const hint = 'Set another one with `gateway: { port: … }` in the config, or 0 for any that is free.';
  if (hasCode(error, 'EADDRINUSE')) {
    const owner = portOwner(port);
    const holder =
      owner === null ? 'another process' : `process ${owner.pid} (${owner.command}) in ${owner.folder}`;
    return new SupervisorError('gateway.port-taken', `Port ${port} is held by ${holder}`, hint, {
      cause: error,
    });
  }
  const message = `The gateway cannot listen on ${host} port ${port}: ${String(error)}`;
  return new SupervisorError('gateway.unusable', message, hint, { cause: error });
}
