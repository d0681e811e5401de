import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerName } from '../model.ts';
import { isAuthorized } from './auth.ts';
import type { ConnectionJournal } from './connection-journal.ts';
import { bind, type Slot } from './connection-slot.ts';
import type { Endpoint } from './endpoint.ts';
import { serveEndpoint } from './endpoint-http.ts';
import { goOn } from './inherited-connection.ts';
import { foreignOrigin } from './origin.ts';
import { Refusal } from './request-body.ts';
import { plain } from './respond.ts';
import { errorAnswer, RPC } from './rpc.ts';

/** A client that sends its request drop by drop holds a connection for so long, and no longer. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
/** Node's own default is half a minute. */
const CHECK_MS = 5_000;
const IDLE_CONNECTION_MS = 65_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 2_000;

export interface HttpOptions {
  readonly host: string;
  /** null: clients need none. */
  readonly token: string | null;
  readonly maxBodyBytes: number;
  readonly endpoint: (server: ServerName) => Endpoint | undefined;
  readonly journal: ConnectionJournal;
  /** The servers that should be ready and are not. */
  readonly notReady: () => readonly ServerName[];
  /** How long a client may take to send the headers of a request, and all of it. */
  readonly headersMs?: number;
  readonly requestMs?: number;
}

/** The gateway's HTTP side: `/<server>/mcp`, `/healthz`, `/readyz`. */
export class HttpGateway {
  readonly #options: HttpOptions;
  readonly #server: Server;
  readonly #slots = new WeakMap<Socket, Slot>();
  #accepted = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    const { headersMs = HEADERS_MS, requestMs = REQUEST_MS } = options;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: Math.min(CHECK_MS, headersMs),
        keepAliveTimeout: IDLE_CONNECTION_MS,
        noDelay: true,
      },
      (request, response) => {
        const slot = this.#slots.get(request.socket);
        slot?.begin();
        if (slot !== undefined) bind(response, slot);
        this.#handle(request, response).catch((error: unknown) => fail(response, error));
      },
    );
  }

  /** Listens on a socket that only this user can open; the port's connections come through `accept`. */
  listen(socketPath: string): Promise<void> {
    if (process.platform !== 'win32') rmSync(socketPath, { force: true });
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socketPath, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** Serves a connection that somebody else has accepted, from where an earlier supervisor left it. */
  accept(socket: Socket, id: string, onClose: () => void): void {
    const { slot, lastSeen } = this.#options.journal.open(id);
    this.#accepted += 1;
    // `close` follows. An inherited one may be closed by its client before anybody else listens.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#accepted -= 1;
      slot.close();
      onClose();
    });
    this.#slots.set(socket, slot);
    if (this.#accepted > MAX_CONNECTIONS) socket.destroy();
    else if (lastSeen === null) this.#server.emit('connection', socket);
    else goOn(socket, slot, lastSeen, this.#options.endpoint, () => this.#server.emit('connection', socket));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const foreign = foreignOrigin(request, this.#options.host);
    if (foreign !== null) throw new Refusal(403, RPC.unavailable, foreign);
    if (path === '/healthz') return plain(response, 200, 'ok\n');
    if (path === '/readyz') return this.#ready(response);
    const server = /^\/([^/]+)\/mcp\/?$/.exec(path)?.[1];
    // Plain, without a hint at OAuth: clients would start a discovery that leads nowhere.
    if (server === undefined) return plain(response, 404, 'not found\n');
    this.#authorize(request);
    const endpoint = this.#options.endpoint(server);
    if (endpoint === undefined) throw new Refusal(404, RPC.unavailable, `There is no server ${server}`);
    return serveEndpoint(endpoint, request, response, this.#options.maxBodyBytes);
  }

  #authorize({ headers }: IncomingMessage): void {
    const { token } = this.#options;
    if (token === null || isAuthorized(headers.authorization, token)) return;
    throw new Refusal(
      401,
      RPC.unavailable,
      'The bearer token is missing or wrong: see .mcp-supervisor/token',
    );
  }

  #ready(response: ServerResponse): void {
    const missing = this.#options.notReady();
    plain(
      response,
      missing.length === 0 ? 200 : 503,
      missing.length === 0 ? 'ok\n' : `${missing.join('\n')}\n`,
    );
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, code, message } =
    error instanceof Refusal
      ? error
      : new Refusal(500, RPC.internal, 'The gateway failed; see logs/supervisor.log');
  const body = errorAnswer('null', code, message);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.write(body);
  // Not before the request has: a connection that is closed while the client sends takes the answer along.
  const end = () => void response.end();
  if (response.req.complete) end();
  else response.req.resume().once('end', end).once('close', end);
}
