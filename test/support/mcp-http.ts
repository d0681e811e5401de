import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type OpenGateway, TOKEN } from './open-gateway.ts';
import { until } from './until.ts';

/** Streamable HTTP by hand: every header and byte is the test's own. */

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The messages that it carries, as a plain body or as events. */
  readonly messages: readonly Message[];
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a message.
export type Message = Record<string, any>;

export interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export const ACCEPT = 'application/json, text/event-stream';
export const AUTHORIZATION = `Bearer ${TOKEN}`;

/** An answer as it comes. */
export class OpenReply {
  readonly response: IncomingMessage;
  #text = '';
  ended = false;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk) => {
      this.#text += chunk;
    });
    response.once('end', () => {
      this.ended = true;
    });
    response.on('error', () => {});
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get text(): string {
    return this.#text;
  }

  get events(): readonly { readonly id: string; readonly data: string }[] {
    return eventsOf(this.#text);
  }

  get messages(): readonly Message[] {
    const isStream = this.response.headers['content-type'] === 'text/event-stream';
    const texts = isStream ? this.events.map(({ data }) => data).filter((data) => data !== '') : [this.#text];
    return texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as Message);
  }

  /** The first message that fits, once it has come. */
  message(what: string, fits: (message: Message) => boolean): Promise<Message> {
    return until(`a message: ${what}`, () => this.messages.find(fits));
  }

  close(): void {
    this.response.destroy();
  }
}

/** Sends a request; resolves when its answer has begun. */
export function open(url: string, { method = 'GET', headers = {}, body }: Sending = {}): Promise<OpenReply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false });
    request.once('error', reject);
    request.once('response', (response) => resolve(new OpenReply(response)));
    request.end(body);
  });
}

/** Sends a request; resolves with the whole answer. */
export async function fetchAll(url: string, sending: Sending = {}): Promise<Reply> {
  const reply = await open(url, sending);
  await until('the whole answer', () => reply.ended || reply.response.errored !== null);
  const { status, text, messages } = reply;
  return { status, text, messages, headers: reply.response.headers };
}

export interface HelloOptions {
  readonly version?: string;
  readonly capabilities?: Record<string, unknown>;
}

/** A client with a session. */
export class HttpSession {
  readonly id: string;
  readonly result: Message;
  readonly #url: string;
  #nextId = 1;

  private constructor(url: string, id: string, result: Message) {
    this.#url = url;
    this.id = id;
    this.result = result;
  }

  static async begin({ url }: OpenGateway, { version = '2025-11-25', capabilities = {} }: HelloOptions = {}) {
    const params = { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1.0.0' } };
    const reply = await fetchAll(url, posting({ id: 'hello', method: 'initialize', params }));
    const [message] = reply.messages;
    if (reply.status !== 200 || message?.result === undefined) throw new Error(`no session: ${reply.text}`);
    return new HttpSession(url, `${reply.headers['mcp-session-id']}`, message.result);
  }

  /** The same client, and the gateway of the next supervisor. */
  at({ url }: OpenGateway): HttpSession {
    return new HttpSession(url, this.id, this.result);
  }

  get headers(): Record<string, string> {
    return { 'mcp-session-id': this.id, 'mcp-protocol-version': this.result.protocolVersion };
  }

  /** Sends messages: one, several in a batch, or a text. */
  post(message: Message | readonly Message[] | string): Promise<OpenReply> {
    return open(this.#url, posting(message, this.headers));
  }

  /** Sends a request; resolves with its answer. */
  async request(
    method: string,
    params: Message = {},
    id: number | string = this.#nextId++,
  ): Promise<Message> {
    const reply = await this.post({ id, method, params });
    return reply.message(`the answer to ${method}`, (message) => message.id === id && !('method' in message));
  }

  /** Calls a tool without waiting for the answer. */
  call(name: string, args: Message = {}, id: number | string = this.#nextId++): Promise<Message> {
    return this.request('tools/call', { name, arguments: args }, id);
  }

  async notify(method: string, params: Message = {}): Promise<void> {
    const reply = await this.post({ method, params });
    if (reply.status !== 202) throw new Error(`${method} was refused: ${reply.status} ${reply.text}`);
  }

  async answer(id: number | string, result: unknown): Promise<void> {
    const reply = await this.post({ id, result });
    if (reply.status !== 202) throw new Error(`the answer was refused: ${reply.status}`);
  }

  listen(lastEventId?: string): Promise<OpenReply> {
    const from = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const headers = { authorization: AUTHORIZATION, accept: 'text/event-stream', ...this.headers, ...from };
    return open(this.#url, { headers });
  }

  end(): Promise<Reply> {
    const headers = { authorization: AUTHORIZATION, ...this.headers };
    return fetchAll(this.#url, { method: 'DELETE', headers });
  }
}

/** A POST of a message, of a batch, or of a text as it is. */
export function posting(message: unknown, headers: Record<string, string> = {}): Sending {
  return {
    method: 'POST',
    headers: {
      authorization: AUTHORIZATION,
      accept: ACCEPT,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(versioned(message)),
  };
}

function versioned(message: unknown): unknown {
  return Array.isArray(message) ? message.map(versioned) : { jsonrpc: '2.0', ...(message as object) };
}

function eventsOf(text: string): { id: string; data: string }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => !block.startsWith(':'))
    .map((block) => ({
      id: /^id: ?(.*)$/m.exec(block)?.[1] ?? '',
      data: /^data: ?(.*)$/m.exec(block)?.[1] ?? '',
    }));
}
