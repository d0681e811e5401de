import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { messageOf, SupervisorError } from '../../errors.ts';
import type { StatusReport, Warning } from '../../model.ts';
import {
  type ErrorBody,
  type ProgressEvent,
  type RestartRequest,
  ROUTES,
  type UpRequest,
} from './protocol.ts';
import { restartRequest, upRequest } from './requests.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** What the API does, by route. */
export interface AdminHandlers {
  status(): StatusReport;
  warnings(all: boolean): readonly Warning[];
  up(request: UpRequest, signal: AbortSignal): AsyncIterable<ProgressEvent>;
  restart(request: RestartRequest, signal: AbortSignal): AsyncIterable<ProgressEvent>;
  shutdown(): Promise<void>;
}

/** Serves the admin API on the project's socket, which only this user can open. */
export class AdminHost {
  readonly #path: string;
  readonly #server: Server;

  constructor(path: string, handlers: AdminHandlers) {
    this.#path = path;
    this.#server = createServer((request, response) => {
      answer(request, response, handlers).catch((error: unknown) => fail(response, error));
    });
  }

  listen(): Promise<void> {
    if (process.platform !== 'win32') rmSync(this.#path, { force: true });
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const umask = process.umask(0o077);
      this.#server.listen(this.#path, () => {
        process.umask(umask);
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: AdminHandlers,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://admin');
  const route = `${request.method} ${url.pathname}`;
  switch (route) {
    case `GET ${ROUTES.status}`:
      return json(response, 200, handlers.status());
    case `GET ${ROUTES.warnings}`:
      return json(response, 200, handlers.warnings(url.searchParams.get('all') === 'true'));
    case `POST ${ROUTES.up}`:
      return stream(response, handlers.up(await body(request, upRequest), hangup(response)));
    case `POST ${ROUTES.restart}`:
      return stream(response, handlers.restart(await body(request, restartRequest), hangup(response)));
    case `POST ${ROUTES.shutdown}`:
      await handlers.shutdown();
      return json(response, 200, {});
    default:
      throw new SupervisorError(
        'usage.invalid',
        `The admin API has no ${route}`,
        'See src/supervisor/admin/protocol.ts.',
      );
  }
}

async function body<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) throw invalid('the body is too large');
    chunks.push(chunk as Buffer);
  }
  try {
    return schema.parse(JSON.parse(Buffer.concat(chunks).toString()));
  } catch {
    // The parser's own message would quote the body, which holds the caller's environment.
    throw invalid('the body is not what this route takes');
  }
}

async function stream(response: ServerResponse, events: AsyncIterable<ProgressEvent>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  try {
    for await (const event of events) response.write(`${JSON.stringify(event)}\n`);
  } catch (error) {
    const event: ProgressEvent = { kind: 'error', error: errorBody(error) };
    response.write(`${JSON.stringify(event)}\n`);
  }
  response.end();
}

/** Aborts when the caller has gone. */
function hangup(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else json(response, error instanceof SupervisorError ? error.httpStatus : 500, { error: errorBody(error) });
}

function errorBody(error: unknown): ErrorBody {
  const hint = 'Please report this with logs/supervisor.log.';
  const known =
    error instanceof SupervisorError
      ? error
      : new SupervisorError('supervisor.internal', messageOf(error), hint);
  return { code: known.code, message: known.message, hint: known.hint };
}

function invalid(what: string): SupervisorError {
  return new SupervisorError(
    'usage.invalid',
    `The admin API was called wrongly: ${what}`,
    'Update mcp-supervisor.',
  );
}
