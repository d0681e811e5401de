import type { AnswerInspector } from '../../src/gateway/answer-inspector.ts';
import type { Handshake } from '../../src/gateway/handshake.ts';
import type { Lane } from '../../src/gateway/lane.ts';
import type { RpcMessage } from '../../src/gateway/link.ts';
import { Incarnation } from '../../src/supervisor/incarnation.ts';
import type { ConnectedRunner, RunnerReport } from '../../src/supervisor/runner-port.ts';
import { until } from './until.ts';

/** A result, or undefined to leave the request unanswered for now. */
type Answer = (params: Record<string, unknown>, message: RpcMessage) => unknown;

export interface ScriptOptions {
  readonly capabilities?: Record<string, unknown>;
  readonly tools?: readonly { name: string; annotations?: Record<string, unknown> }[];
  readonly version?: string;
  /** How requests are answered; `tools/call` echoes its arguments unless it is here. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** Takes a line: never settles, as a full pipe of a child that hangs. */
  readonly full?: boolean;
  /** It was there already with the supervisor before: the pm2 app of its runner, and how much that has taken. */
  readonly inherited?: { readonly app: string; readonly taken: number };
  /** Looks at its answers to tool calls. */
  readonly inspector?: AnswerInspector;
}

let count = 0;

/** A child as the supervisor has it, whose end of the pipe is in the test's hands. */
export class ScriptedChild {
  /** What it was sent, as it came. */
  readonly lines: string[] = [];
  readonly incarnation: Incarnation;
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(lane: Lane, options: ScriptOptions = {}) {
    this.#answers = { 'tools/call': ({ arguments: args }) => ({ echo: args }), ...options.answers };
    const runner: ConnectedRunner = {
      app: options.inherited?.app ?? `scripted@${++count}`,
      pid: 1,
      child: { pid: 2, startedAt: 0 },
      memo: null,
      taken: options.inherited?.taken ?? 0,
      send: () => true,
      sendRpc: (line) => {
        this.#take(line.toString());
        return options.full === true ? new Promise(() => {}) : null;
      },
    };
    this.incarnation = new Incarnation('scripted', runner, {
      onAnswer: (line, answer) => lane.onAnswer(line, answer, options.inspector),
      onMessage: (child, message, text) => lane.onMessage(child, message, text, options.inspector),
      onEnd: (child, end) => lane.lost(child, end.kind === 'exited' ? end.reason : 'was cut off'),
      onReport: (report: RunnerReport) => {
        throw new Error(`a report: ${JSON.stringify(report)}`);
      },
    });
    this.incarnation.handshake = handshakeOf(options);
    lane.serve(this.incarnation);
  }

  /** What it was sent. */
  get messages(): readonly RpcMessage[] {
    return this.lines.map((line) => JSON.parse(line) as RpcMessage);
  }

  /** The requests and notifications of a method that have come. */
  got(method: string): readonly RpcMessage[] {
    return this.messages.filter((message) => message.method === method);
  }

  /** Waits for a request of this method, the first or a later one. */
  request(method: string, index = 0): Promise<RpcMessage> {
    return until(`the child has ${method}`, () => this.got(method)[index]);
  }

  /** Says something: a text as it is, or a message. */
  say(message: string | Record<string, unknown>): void {
    const text = typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message });
    this.incarnation.onRpc(Buffer.from(text));
  }

  /** Asks its client something; resolves with the answer. */
  async ask(id: number | string, method: string, params: unknown = {}): Promise<RpcMessage> {
    this.say({ id, method, params });
    return until(`the child has its answer ${id}`, () =>
      this.messages.find((message) => message.method === undefined && message.id === id),
    );
  }

  exit(code: number | null, signal: string | null = null): Promise<unknown> {
    this.incarnation.onReport({ kind: 'exited', code, signal });
    return this.incarnation.end;
  }

  #take(line: string): void {
    this.lines.push(line);
    const message = JSON.parse(line) as RpcMessage;
    const { id, method = '', params } = message;
    if (id === undefined || id === null) return;
    const result = this.#answers[method]?.((params ?? {}) as Record<string, unknown>, message);
    if (result !== undefined) queueMicrotask(() => this.say({ id, result }));
  }
}

function handshakeOf({ capabilities = {}, tools = [], version = '1.0.0' }: ScriptOptions): Handshake {
  return {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, ...capabilities },
      serverInfo: { name: 'scripted', version },
    },
    tools: tools.map((tool) => ({ inputSchema: { type: 'object' }, ...tool })),
  };
}
