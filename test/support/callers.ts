import { randomUUID } from 'node:crypto';
import { type Connection, connect } from './mcp-client.ts';

const TOOLS = ['look', 'record'] as const;
export type EchoTool = (typeof TOOLS)[number];

/** What the fixture `echoes` answers. */
export interface Echo {
  readonly nonce: string;
  readonly value: string;
  readonly pid: number;
}

export interface FinishedCall {
  readonly tool: EchoTool;
  readonly nonce: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Echo | Error;
}

export async function echo(connection: Connection, tool: EchoTool, nonce: string): Promise<Echo> {
  return JSON.parse(await connection.text(tool, { nonce })) as Echo;
}

/** Clients that call without a pause until they are told to stop, and keep what came of each call. */
export class Callers implements AsyncDisposable {
  readonly calls: FinishedCall[] = [];
  readonly connections: readonly Connection[];
  readonly #sessionIds: readonly (string | undefined)[];
  readonly #work: Promise<unknown>;
  #stopping = false;

  private constructor(connections: readonly Connection[], each: number) {
    this.connections = connections;
    this.#sessionIds = connections.map(({ transport }) => transport.sessionId);
    const loops = connections.flatMap((connection) =>
      Array.from({ length: each }, (_, at) => this.#call(connection, at)),
    );
    this.#work = Promise.all(loops);
  }

  static async start(
    endpoint: { url: string; token: string },
    sessions: number,
    each: number,
  ): Promise<Callers> {
    const connections = await Promise.all(Array.from({ length: sessions }, () => connect(endpoint)));
    return new Callers(connections, each);
  }

  /** The sessions that were begun anew since the start. */
  get lostSessions(): number {
    return this.connections.filter(({ transport }, at) => transport.sessionId !== this.#sessionIds[at])
      .length;
  }

  get failures(): FinishedCall[] {
    return this.calls.filter(({ outcome }) => outcome instanceof Error);
  }

  /** Lets the calls in flight come to their end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#work;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.all(this.connections.map((connection) => connection[Symbol.asyncDispose]()));
  }

  async #call(connection: Connection, first: number): Promise<void> {
    for (let turn = first; !this.#stopping; turn++) {
      const tool = TOOLS[turn % TOOLS.length] ?? 'look';
      const nonce = randomUUID();
      const startedAt = performance.now();
      const outcome = await echo(connection, tool, nonce).catch((error: Error) => error);
      this.calls.push({ tool, nonce, startedAt, endedAt: performance.now(), outcome });
    }
  }
}
