import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

export interface RecordedEvent {
  readonly id: string;
  readonly message: string;
}

/** A real response of node:http whose bytes go nowhere but here. */
export class RecordedResponse {
  readonly response = new ServerResponse(new IncomingMessage(new Socket()));
  readonly #wire: Writable;
  #text = '';
  /** Null: more has come since they were read. */
  #events: readonly RecordedEvent[] | null = null;

  constructor() {
    this.#wire = new Writable({
      decodeStrings: false,
      write: (chunk: Buffer | string, _encoding, done) => {
        this.#text += chunk.toString();
        this.#events = null;
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

  /** What it has carried so far, as a plain body or as events; priming events have no message. */
  get events(): readonly RecordedEvent[] {
    this.#events ??= this.#read();
    return this.#events;
  }

  get messages(): readonly string[] {
    return this.events.flatMap(({ message }) => (message === '' ? [] : [message]));
  }

  /** The connection is gone. */
  close(): void {
    this.#wire.destroy();
  }

  #read(): RecordedEvent[] {
    const [head = '', ...rest] = this.#text.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    if (!/^content-type: text\/event-stream/im.test(head))
      return body === '' ? [] : [{ id: '', message: body }];
    return body.split('\n\n').flatMap((event) => {
      const lines = event.split('\n');
      const fields = (name: string) =>
        lines.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []));
      const data = fields('data');
      return data.length === 0 ? [] : [{ id: fields('id').join(), message: data.join('\n') }];
    });
  }
}
