import { SupervisorError } from '../errors.ts';
import { type AnswerId, answerId } from '../gateway/answer-id.ts';
import type { Backend } from '../gateway/call.ts';
import type { Handshake } from '../gateway/handshake.ts';
import { isOwnId, Link, type RpcMessage } from '../gateway/link.ts';
import { elementsOf } from '../gateway/message-text.ts';
import { errorAnswer, isRpcMessage, RPC } from '../gateway/rpc.ts';
import type { StartOrder } from '../runner/protocol.ts';
import { type Deferred, deferred, within } from './deferred.ts';
import type { ConnectedRunner, RunnerPeer, RunnerReport } from './runner-port.ts';

/** How an incarnation ended. `lost`: its runner is not connected any more, and may come back. */
export type End =
  | { readonly kind: 'exited'; readonly reason: string }
  | { readonly kind: 'unstartable'; readonly reason: string }
  /** It runs, but does not answer as an MCP server does. */
  | { readonly kind: 'hung'; readonly reason: string }
  | { readonly kind: 'lost' };

export interface IncarnationEvents {
  /** An answer of the child to a client. */
  onAnswer(line: Buffer, answer: AnswerId): void;
  /** Any other message of the child that is no answer to us; `text` is its line. */
  onMessage(child: Incarnation, message: RpcMessage, text: string): void;
  /** The child is gone, or out of reach. */
  onEnd(child: Incarnation, end: End): void;
  /** What concerns the log and the protocol stream rather than the child's life. */
  onReport(report: RunnerReport): void;
}

/** One connection to one runner, and so at most one child. */
export class Incarnation implements RunnerPeer, Backend {
  readonly runner: ConnectedRunner;
  readonly link: Link;
  /** What the child said of itself, once it has. */
  handshake: Handshake | null = null;
  readonly end: Promise<End>;
  readonly #server: string;
  readonly #events: IncarnationEvents;
  readonly #end = deferred<End>();
  readonly #started = deferred<void>();
  readonly #stopped = deferred<void>();
  readonly #flushes = new Map<number, Deferred<void>>();
  #childPid: number | null;
  #ended: End | null = null;
  #nextFlush = 1;
  #sent: number;

  constructor(server: string, runner: ConnectedRunner, events: IncarnationEvents) {
    this.#server = server;
    this.runner = runner;
    this.#events = events;
    this.#childPid = runner.child?.pid ?? null;
    this.#sent = runner.taken;
    this.end = this.#end.promise;
    this.link = new Link(server, (line) => this.send(line));
    void this.end.then((end) => this.#release(end));
  }

  get childPid(): number | null {
    return this.#childPid;
  }

  get ended(): End | null {
    return this.#ended;
  }

  /** Resolves when the child runs, or when it is clear that it will not: see `end`. */
  async start(order: StartOrder): Promise<void> {
    this.runner.send(order);
    await Promise.race([this.#started.promise, this.end]);
  }

  /** Resolves once every line that the child has printed is in its log file. */
  async flushLog(): Promise<void> {
    const token = this.#nextFlush++;
    const flushed = deferred<void>();
    this.#flushes.set(token, flushed);
    this.runner.send({ kind: 'flush', token });
    await Promise.race([flushed.promise, this.end]);
    this.#flushes.delete(token);
  }

  get app(): string {
    return this.runner.app;
  }

  get inherited(): number {
    return this.runner.taken;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Writes a message to the child. */
  send(line: Buffer): void {
    this.#sent += 1;
    void this.runner.sendRpc(line);
  }

  /** Asks for the stop ladder; resolves when the child is gone, or after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    // One that does not read, since its child does not, cannot be told; pm2's signal will reach it.
    if (!this.runner.send({ kind: 'stop' })) return;
    await within(timeoutMs, this.#stopped.promise, this.end);
  }

  onReport(report: RunnerReport): void {
    switch (report.kind) {
      case 'started':
        this.#childPid = report.pid;
        this.#started.resolve();
        return;
      case 'spawn-failed':
        this.#end.resolve({ kind: 'unstartable', reason: report.message });
        return;
      case 'exited':
        this.#end.resolve({ kind: 'exited', reason: exitReason(report.code, report.signal) });
        return;
      case 'stopped':
        this.#stopped.resolve();
        return;
      case 'flushed':
        this.#flushes.get(report.token)?.resolve();
        return;
      case 'oversize':
        this.#answerInstead(report);
        this.#events.onReport(report);
        return;
      case 'logged':
      case 'noise':
      case 'log-failed':
        this.#events.onReport(report);
        return;
    }
  }

  onRpc(line: Buffer): void {
    const answer = answerId(line);
    if (answer !== null && !isOwnId(answer.id)) {
      this.#events.onAnswer(line, answer);
      return;
    }
    const text = line.toString();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // It began and ended like a message, so the runner took it for one.
      this.#events.onReport({ kind: 'noise', sample: 'a line that begins like JSON-RPC but is no JSON' });
      return;
    }
    if (!Array.isArray(value)) this.#receive(value, text);
    else
      for (const [at, { start, end }] of elementsOf(text).entries())
        this.#receive(value[at], text.slice(start, end));
  }

  #receive(message: unknown, text: string): void {
    if (!isRpcMessage(message)) {
      this.#events.onReport({ kind: 'noise', sample: 'JSON with a jsonrpc member, but no JSON-RPC message' });
    } else if (!this.link.receive(message)) {
      this.#events.onMessage(this, message, text);
    }
  }

  /** Whoever waits for an answer that was too long to be taken is told so. */
  #answerInstead({ stream, bytes, edges }: Extract<RunnerReport, { kind: 'oversize' }>): void {
    const answer = stream === 'stdout' ? answerId(Buffer.from(edges, 'latin1')) : null;
    if (answer === null) return;
    const problem = `the answer of ${this.#server} has ${bytes} bytes, which is more than a message may have`;
    this.onRpc(errorAnswer(JSON.stringify(answer.id), RPC.internal, problem));
  }

  onClose(): void {
    this.#end.resolve({ kind: 'lost' });
  }

  #release(end: End): void {
    this.#ended = end;
    this.#childPid = null;
    const hint = 'It is being started again; see `mcp-supervisor status`.';
    this.link.fail(new SupervisorError('server.exited', `${this.#server} is gone`, hint));
    this.#events.onEnd(this, end);
  }
}

function exitReason(code: number | null, signal: string | null): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}
