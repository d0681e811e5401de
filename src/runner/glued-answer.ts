const CLOSE_BRACE = 0x7d;
/** How the SDKs begin an answer. Our ids are texts: one with a number answers nothing that we asked. */
const OPENINGS = ['{"jsonrpc":"2.0","id":"', '{"result":', '{"error":'] as const;
/** How long the child may take to send the same answer as a line of its own. */
const QUIET_MS = 1_000;

interface Held {
  readonly answer: Buffer;
  /** As it stands in the answer. */
  readonly id: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * A child that prints something without a line break glues it to its next message, and an answer that
 * is lost that way would be waited for without end. So an answer at the end of a line of noise counts,
 * unless the next message shows that it was only a log of the answer that follows.
 */
export class GluedAnswer {
  readonly #deliver: (answer: Buffer) => void;
  #held: Held | null = null;

  constructor(deliver: (answer: Buffer) => void) {
    this.#deliver = deliver;
  }

  /** A line that is no message. */
  seek(line: Buffer): void {
    const found = answerAtEnd(line);
    if (found === null) return;
    this.release();
    this.#held = { ...found, timer: setTimeout(() => this.release(), QUIET_MS) };
  }

  /** A message comes, by itself. */
  before(message: Buffer): void {
    if (this.#held !== null && message.includes(this.#held.id)) this.#drop();
    else this.release();
  }

  /** Nothing more will show what it was. */
  release(): void {
    const held = this.#drop();
    if (held !== null) this.#deliver(held.answer);
  }

  #drop(): Held | null {
    const held = this.#held;
    clearTimeout(held?.timer);
    this.#held = null;
    return held;
  }
}

function answerAtEnd(line: Buffer): Omit<Held, 'timer'> | null {
  if (line.at(-1) !== CLOSE_BRACE) return null;
  for (const opening of OPENINGS) {
    const at = line.indexOf(opening);
    const id = at > 0 ? idOf(line.subarray(at)) : null;
    if (id !== null) return { answer: line.subarray(at), id };
  }
  return null;
}

/** Null for what is no answer to a request of ours. */
function idOf(text: Buffer): string | null {
  try {
    const { jsonrpc, id, method } = JSON.parse(text.toString()) as Record<string, unknown>;
    const isAnswer = jsonrpc === '2.0' && method === undefined && typeof id === 'string';
    return isAnswer ? JSON.stringify(id) : null;
  } catch {
    // Not JSON is an answer here, not a failure.
    return null;
  }
}
