/** What one session keeps for a client that comes back with `Last-Event-ID`. */
export interface StoredEvent {
  readonly id: string;
  readonly stream: string;
  readonly sequence: number;
  readonly message: Buffer;
}

const MAX_EVENTS = 512;
const MAX_BYTES = 4 * 1024 * 1024;

/** The newest events of a session, bounded in number and bytes. */
export class EventStore {
  #events: StoredEvent[] = [];
  #bytes = 0;
  /** Beyond what the supervisor before this one has handed out, so that a client may resume from there. */
  #sequence = Date.now() * 1_000;

  /** The id of the next event that is only a place to resume from. */
  mark(stream: string): string {
    this.#sequence += 1;
    return eventId(stream, this.#sequence);
  }

  add(stream: string, message: Buffer): StoredEvent {
    this.#sequence += 1;
    const event = { id: eventId(stream, this.#sequence), stream, sequence: this.#sequence, message };
    this.#events.push(event);
    this.#bytes += message.length;
    while (this.#events.length > MAX_EVENTS || (this.#bytes > MAX_BYTES && this.#events.length > 1)) {
      this.#bytes -= this.#events.shift()?.message.length ?? 0;
    }
    return event;
  }

  /** What came on a stream after an event. */
  after(stream: string, sequence: number): readonly StoredEvent[] {
    return this.#events.filter((event) => event.stream === stream && event.sequence > sequence);
  }
}

/** `get_7`, `17_8`: the stream, and how far it was read. Null for an id that is none of ours. */
export function parseEventId(id: string): { stream: string; sequence: number } | null {
  const match = /^(.+)_(\d+)$/.exec(id);
  return match?.[1] === undefined ? null : { stream: match[1], sequence: Number(match[2]) };
}

/** The stream that the answer to a call goes to; `rawId` is JSON text. */
export function streamOf(rawId: string): string {
  return encodeURIComponent(rawId);
}

/** The call whose answer goes to this stream: its id as JSON text. */
export function rawIdIn(stream: string): string {
  return decodeURIComponent(stream);
}

/** What a client resumes from that has seen nothing of the answer to a request; `rawId` is JSON text. */
export function beginningOf(rawId: string): string {
  return eventId(streamOf(rawId), 0);
}

function eventId(stream: string, sequence: number): string {
  return `${stream}_${sequence}`;
}
