import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

/** A real response of node:http whose bytes go nowhere but here. */
export class RecordedResponse {
  readonly response = new ServerResponse(new IncomingMessage(new Socket()));
  readonly #wire: Writable;
  #text = '';
  /** Null: more has come since they were read. */
  #messages: readonly string[] | null = null;

  constructor() {
    this.#wire = new Writable({
      decodeStrings: false,
      write: (chunk: Buffer | string, _encoding, done) => {
        this.#text += chunk.toString();
        this.#messages = null;
        done();
      },
    });
    this.response.assignSocket(this.#wire as Socket);
  }

  get ended(): boolean {
    return this.response.writableEnded;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.#text)?.[1] ?? 0);
  }

  header(name: string): string {
    return new RegExp(`^${name}: (.*)\\r$`, 'im').exec(this.#text)?.[1] ?? '';
  }

  /** The messages that it has carried so far, as a plain body or as events. */
  get messages(): readonly string[] {
    this.#messages ??= this.#read();
    return this.#messages;
  }

  /** The connection is gone. */
  close(): void {
    this.#wire.destroy();
  }

  #read(): string[] {
    const [head = '', ...rest] = this.#text.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    if (!/^content-type: text\/event-stream/im.test(head)) return body === '' ? [] : [body];
    return body.split('\n\n').flatMap((event) => {
      const data = event.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
      const message = data.join('\n');
      return message === '' ? [] : [message];
    });
  }
}
