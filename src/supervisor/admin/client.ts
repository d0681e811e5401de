import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { hasCode, SupervisorError } from '../../errors.ts';
import type { StatusReport, Warning } from '../../model.ts';
import {
  type ErrorBody,
  type ProgressEvent,
  type RestartRequest,
  ROUTES,
  type UpRequest,
} from './protocol.ts';

/** How long the supervisor may be silent: also while it waits for servers it says something every second. */
const SILENCE_MS = 15_000;

/** Speaks to a project's supervisor; every call fails with `supervisor.not-running` where there is none. */
export class AdminClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Whether a supervisor answers. */
  async answers(): Promise<boolean> {
    try {
      await this.status();
      return true;
    } catch (error) {
      if (error instanceof SupervisorError && error.code.startsWith('supervisor.')) return false;
      throw error;
    }
  }

  async status(silenceMs?: number): Promise<StatusReport> {
    return (await this.#json('GET', ROUTES.status, undefined, silenceMs)) as StatusReport;
  }

  async warnings(all: boolean): Promise<readonly Warning[]> {
    return (await this.#json('GET', `${ROUTES.warnings}?all=${all}`)) as Warning[];
  }

  /** An abort ends the waiting, and nothing else: what was asked for goes on. */
  up(request: UpRequest, signal: AbortSignal): AsyncIterable<ProgressEvent> {
    return this.#stream(ROUTES.up, request, signal);
  }

  restart(request: RestartRequest, signal: AbortSignal): AsyncIterable<ProgressEvent> {
    return this.#stream(ROUTES.restart, request, signal);
  }

  /** Stops every server; the supervisor itself is ended through pm2. */
  async shutdown(timeoutMs: number): Promise<void> {
    await this.#json('POST', ROUTES.shutdown, {}, timeoutMs);
  }

  async #json(method: 'GET' | 'POST', path: string, body?: unknown, silenceMs?: number): Promise<unknown> {
    const response = await this.#send(method, path, body, silenceMs);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const answer: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (response.statusCode === 200) return answer;
    throw revived((answer as { error: ErrorBody }).error);
  }

  async *#stream(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<ProgressEvent> {
    const response = await this.#send('POST', path, body, SILENCE_MS, signal);
    for await (const line of linesOf(response)) {
      const event = JSON.parse(line) as ProgressEvent;
      if (event.kind === 'error') throw revived(event.error);
      yield event;
      if (event.kind === 'done') return;
    }
    throw gone();
  }

  #send(
    method: string,
    path: string,
    body: unknown,
    silenceMs: number = SILENCE_MS,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { socketPath: this.#socketPath, method, path, agent: false, timeout: silenceMs, signal },
        (response) => {
          // Reading the body rejects with the same error.
          request.on('error', (error) => response.destroy(translated(error)));
          resolve(response);
        },
      );
      request.once('timeout', () => request.destroy(silent(silenceMs)));
      request.once('error', (error) => reject(translated(error)));
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** The lines of an answer; a connection that breaks off within it is a supervisor that has ended. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: response });
  } catch (error) {
    throw hasCode(error, 'ECONNRESET') ? gone(error) : error;
  }
}

function translated(error: Error): Error {
  if (error instanceof SupervisorError || error.name === 'AbortError') return error;
  if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) return notRunning(error);
  return gone(error);
}

function notRunning(cause?: unknown): SupervisorError {
  return new SupervisorError(
    'supervisor.not-running',
    'No supervisor is running for this project',
    'Start it with `mcp-supervisor up`.',
    { cause },
  );
}

function gone(cause?: unknown): SupervisorError {
  const hint = 'pm2 starts it again by itself; see `mcp-supervisor status` and logs/supervisor.log.';
  return new SupervisorError('supervisor.unresponsive', 'The supervisor ended before it answered', hint, {
    cause,
  });
}

function silent(silenceMs: number): SupervisorError {
  const message = `The supervisor has not answered for ${silenceMs / 1000} s`;
  const hint = 'See logs/supervisor.log; `mcp-supervisor down` then `up` starts it anew.';
  return new SupervisorError('supervisor.unresponsive', message, hint);
}

function revived({ code, message, hint }: ErrorBody): SupervisorError {
  return new SupervisorError(code, message, hint);
}
