import type { Backend } from '../../../src/gateway/call.ts';
import { Endpoint } from '../../../src/gateway/endpoint.ts';
import type { Handshake } from '../../../src/gateway/handshake.ts';
import { parseMessages } from '../../../src/gateway/request-body.ts';
import type { Session } from '../../../src/gateway/session.ts';
import { Incarnation } from '../../../src/supervisor/incarnation.ts';
import type { RunnerReport } from '../../../src/supervisor/runner-port.ts';
import { RecordedResponse } from './recorded-response.ts';

const HANDSHAKE: Handshake = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, logging: {} },
    serverInfo: { name: 'model', version: '1.0.0' },
  },
  tools: [
    { name: 'look', annotations: { readOnlyHint: true } },
    { name: 'record', annotations: { readOnlyHint: false } },
  ],
};
const HELLO = {
  protocolVersion: '2025-11-25',
  capabilities: { sampling: {} },
  clientInfo: { name: 'client', version: '1.0.0' },
};

/** A child as the supervisor has it, with its lines in our hands. */
export class StagedChild {
  /** What it has been sent. */
  readonly lines: string[] = [];
  /** What it was reported for. */
  readonly reports: RunnerReport[] = [];
  readonly incarnation: Incarnation;

  constructor(endpoint: Endpoint) {
    const runner = {
      app: 'server@1',
      taken: 0,
      pid: 1,
      child: { pid: 2, startedAt: 0 },
      memo: null,
      send: () => true,
      sendRpc: (line: Buffer) => {
        this.lines.push(line.toString());
        return null;
      },
    };
    this.incarnation = new Incarnation('server', runner, {
      onAnswer: (line, answer) => endpoint.shared.onAnswer(line, answer),
      onMessage: (child, message, text) => endpoint.shared.onMessage(child, message, text),
      onEnd: (child) => endpoint.shared.lost(child, 'exited with code 1'),
      onReport: (report) => this.reports.push(report),
    });
    this.incarnation.handshake = HANDSHAKE;
  }

  get backend(): Backend {
    return this.incarnation;
  }

  say(line: string): void {
    this.incarnation.onRpc(Buffer.from(line));
  }

  async crash(): Promise<void> {
    this.incarnation.onReport({ kind: 'exited', code: 1, signal: null });
    await this.incarnation.end;
  }
}

/** A client's session, and what has come to it outside of the answers to its posts. */
export interface StagedSession {
  readonly session: Session;
  readonly standalone: RecordedResponse;
}

/** One endpoint with all its real parts but the sockets and the processes. */
export class Stage {
  readonly endpoint = new Endpoint({
    server: 'server',
    limits: () => ({ maxWaiting: 1_000, maxWaitMs: 60_000 }),
    sessionLimits: () => ({ maxSessions: 100, idleMs: 60_000 }),
    onSessions: () => {},
    warnings: () => [],
  });
  readonly #responses: RecordedResponse[] = [];

  serve(): StagedChild {
    const child = new StagedChild(this.endpoint);
    this.endpoint.shared.serve(child.backend);
    return child;
  }

  greet(): StagedSession {
    const hello = this.response();
    const [message] = parseMessages(
      JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: HELLO }),
    ).messages;
    if (message !== undefined) this.endpoint.initialize(message, hello.response);
    const session = this.endpoint.sessions.find(hello.header('mcp-session-id'));
    if (session === undefined) throw new Error(`no session: ${hello.messages}`);
    const standalone = this.response();
    session.listen(standalone.response);
    return { session, standalone };
  }

  /** A client's POST, from its body on. */
  post(session: Session, text: string): RecordedResponse {
    const posted = this.response();
    this.endpoint.post(session, parseMessages(text).messages, posted.response);
    return posted;
  }

  /** Closes every connection, and so ends every timer. */
  close(): void {
    for (const session of this.endpoint.sessions.all()) this.endpoint.end(session);
    for (const response of this.#responses) response.close();
  }

  /** A connection that waits for something. */
  response(): RecordedResponse {
    const response = new RecordedResponse();
    this.#responses.push(response);
    return response;
  }
}
