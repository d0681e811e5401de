import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { hasCode } from '../errors.ts';

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
  | { readonly kind: 'sent'; readonly call: SentCall }
  /** A response had begun. */
  | { readonly kind: 'answering' };

/** A page of the file system holds whole slots, so that none is ever written by halves. */
const SLOT_BYTES = 512;
const MARKS = { idle: '.', unsent: 'u', sent: 's', answering: 'a' } as const;

/**
 * Writes down what each connection is doing, so that the next supervisor can go on with it after a
 * `kill -9`: a file of fixed slots, written through to the kernel and no further, since it need not
 * survive more than this process. It holds ids and names, and nothing that a client sent or got.
 */
export class ConnectionJournal {
  readonly #file: number;
  /** The connections of the supervisor before this one, until they are handed to us. */
  readonly #carried = new Map<string, { readonly slot: Slot; readonly lastSeen: LastSeen }>();
  readonly #free: number[] = [];
  #slots = 0;

  /** Takes over what stands in the file. */
  constructor(path: string) {
    const before = read(path);
    const next = `${path}.next`;
    this.#file = openSync(next, 'w', 0o600);
    for (const [id, lastSeen] of before) this.#carried.set(id, { slot: this.#slot(id, lastSeen), lastSeen });
    renameSync(next, path);
  }

  /** A connection is handed to us; `lastSeen` is null for a new one. */
  open(id: string): { readonly slot: Slot; readonly lastSeen: LastSeen | null } {
    const carried = this.#carried.get(id);
    this.#carried.delete(id);
    return carried ?? { slot: this.#slot(id, { kind: 'idle' }), lastSeen: null };
  }

  close(): void {
    closeSync(this.#file);
  }

  #slot(id: string, lastSeen: LastSeen): Slot {
    const index = this.#free.pop() ?? this.#slots++;
    const release = () => this.#free.push(index);
    return new Slot({ file: this.#file, offset: index * SLOT_BYTES, id, lastSeen, release });
  }
}

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

function read(path: string): Map<string, LastSeen> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return new Map();
    throw error;
  }
  const found = new Map<string, LastSeen>();
  for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
    const text = bytes.subarray(at, at + SLOT_BYTES).toString();
    const [id = '', call = ''] = text.slice(1).split('\n');
    const lastSeen = parse(text.charAt(0), call);
    if (lastSeen !== null) found.set(id, lastSeen);
  }
  return found;
}

/** Null for a slot that is free. */
function parse(mark: string, call: string): LastSeen | null {
  switch (mark) {
    case MARKS.idle:
      return { kind: 'idle' };
    case MARKS.unsent:
      return { kind: 'unsent' };
    case MARKS.sent:
      return { kind: 'sent', call: JSON.parse(call) as SentCall };
    case MARKS.answering:
      return { kind: 'answering' };
    default:
      return null;
  }
}
