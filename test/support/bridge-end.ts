import { PassThrough } from 'node:stream';
import { bridge } from '../../src/connect/bridge.ts';
import type { Place } from '../../src/connect/wire.ts';
import type { Message } from './mcp-http.ts';
import { until } from './until.ts';

export interface EndOptions {
  readonly locate: () => Promise<Place>;
  readonly patienceMs?: number;
  readonly lastAnswersMs?: number;
}

/** The client's end of a bridge in this process. */
export class BridgeEnd implements AsyncDisposable {
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  /** What it told whoever reads stderr. */
  readonly notes: string[] = [];
  readonly over: Promise<void>;
  readonly #abort = new AbortController();
  #text = '';

  constructor(options: EndOptions) {
    const { input, output } = this;
    const tell = (text: string) => void this.notes.push(text);
    output.setEncoding('utf8').on('data', (chunk) => {
      this.#text += chunk;
    });
    this.over = bridge({ input, output, tell, signal: this.#abort.signal, ...options });
  }

  get messages(): Message[] {
    return this.#text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message);
  }

  say(message: Message | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify({ jsonrpc: '2.0', ...message });
    this.input.write(`${text}\n`);
  }

  /** Says hello as a client does. */
  async hello(params: Message = {}): Promise<Message> {
    this.say({
      id: 'hello',
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, ...params },
    });
    const answer = await this.answer('hello');
    this.say({ method: 'notifications/initialized' });
    return answer;
  }

  call(id: number | string, args: Message = {}, meta: Message = {}): void {
    this.say({ id, method: 'tools/call', params: { name: 't', arguments: args, ...meta } });
  }

  answer(id: number | string | null): Promise<Message> {
    return until(`the answer to ${id}`, () =>
      this.messages.find((message) => message.id === id && !('method' in message)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.over;
  }
}
