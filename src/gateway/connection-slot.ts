import { writeSync } from 'node:fs';
import type { ServerResponse } from 'node:http';

/** A call that was sent to a child, so that the next supervisor can bring its answer. */
export interface SentCall {
  readonly server: string;
  /** The session's id. */
  readonly session: string;
  /** JSON text of the client's own id. */
  readonly rawId: string;
  readonly method: string;
  /** The tool of a `tools/call`. */
  readonly tool: string | null;
  /** The pm2 app of the runner that it was sent to. */
  readonly app: string;
  /** Counts the messages to that runner. */
  readonly sequence: number;
}

/** What a connection was doing when its supervisor was killed. */
export type LastSeen =
  /** Waiting for its client to say something, as far as we know. */
  | { readonly kind: 'idle' }
  /** A request was being read, or waited: no child has seen it. */
  | { readonly kind: 'unsent' }
  /** It waits for the answer of a child; nothing of that was written. */
  | { readonly kind: 'sent'; readonly call: SentCall }
  /** A response had begun. */
  | { readonly kind: 'answering' };

/** A page of the file system holds whole slots, so that none is ever written by halves. */
export const SLOT_BYTES = 512;
export const MARKS = { idle: '.', unsent: 'u', sent: 's', answering: 'a' } as const;

interface SlotOptions {
  readonly file: number;
  readonly offset: number;
  readonly id: string;
  readonly lastSeen: LastSeen;
  readonly release: () => void;
}

/** The line of one connection. A call costs it three writes of a few bytes, of about 2 µs each. */
export class Slot {
  readonly #options: SlotOptions;
  #state: LastSeen['kind'] | 'closed';
  #requests: number;

  constructor(options: SlotOptions) {
    const { lastSeen } = options;
    this.#options = options;
    this.#state = lastSeen.kind;
    this.#requests = lastSeen.kind === 'idle' ? 0 : 1;
    this.#write(lastSeen.kind === 'sent' ? lastSeen.call : null);
  }

  /** A request begins. */
  begin(): void {
    this.#requests += 1;
    this.#enter(this.#requests === 1 ? 'unsent' : 'answering');
  }

  /** Its response is written, or its client has gone. */
  end(): void {
    this.#requests -= 1;
    this.#enter(this.#requests > 0 ? 'answering' : 'idle');
  }

  /**
   * The answer to its call is written next. Before it is, since a call that is written down as sent gets
   * its answer from the next supervisor: a second one would be taken for that of the client's next call.
   */
  answered(): void {
    if (this.#requests === 1) this.#enter('idle');
  }

  /**
   * The client is asked next to send again what it may have said. Nobody shall hear that here any more, also
   * not the next supervisor: it comes another time.
   */
  resent(): void {
    this.#enter('unsent');
  }

  /** A response has begun: nobody else can go on with it. */
  answering(): void {
    this.#enter('answering');
  }

  /** The one request on it is a call that goes to a child now. */
  sent(call: SentCall): void {
    if (this.#requests !== 1 || this.#state === 'closed') return;
    this.#state = 'sent';
    this.#write(call);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    writeSync(this.#options.file, '\0', this.#options.offset);
    this.#options.release();
  }

  #enter(state: LastSeen['kind']): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    writeSync(this.#options.file, MARKS[state], this.#options.offset);
  }

  #write(call: SentCall | null): void {
    if (this.#state === 'closed') return;
    const { file, offset, id } = this.#options;
    const text = `${id}\n${call === null ? '' : JSON.stringify(call)}\n`;
    // What does not fit cannot be gone on with.
    if (Buffer.byteLength(text) >= SLOT_BYTES) {
      this.#enter('answering');
      return;
    }
    const slot = Buffer.alloc(SLOT_BYTES);
    slot.write(MARKS[this.#state] + text);
    writeSync(file, slot, 0, SLOT_BYTES, offset);
  }
}

const slots = new WeakMap<ServerResponse, Slot>();

/** From now on a response goes to this connection; the request that it answers has begun. */
export function bind(response: ServerResponse, slot: Slot): void {
  slots.set(response, slot);
  response.once('close', () => slot.end());
}

/** The connection that a response goes to, if it is written down. */
export function slotOf(response: ServerResponse): Slot | undefined {
  return slots.get(response);
}
