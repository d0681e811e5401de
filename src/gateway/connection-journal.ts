import { closeSync, openSync, readFileSync, renameSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { type LastSeen, MARKS, type SentCall, SLOT_BYTES, Slot } from './connection-slot.ts';

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
