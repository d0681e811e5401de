import { locate, type Span } from '../gateway/message-text.ts';

/** A message of the client, as far as the way it takes depends on it. */
export interface ClientLine {
  /** As the client wrote it. */
  readonly bytes: Buffer;
  /** null: an answer. */
  readonly method: string | null;
  /** JSON text of its id; null: a notification. */
  readonly rawId: string | null;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** The messages of a line: one, or a batch as revision 2025-03-26 has them. Null for what is none. */
export function readClientLine(line: Buffer): readonly ClientLine[] | null {
  const start = line.findIndex((byte) => byte > 0x20);
  if (line[start] === OPEN_BRACE) return [messageOf(start === 0 ? line : line.subarray(start))];
  if (line[start] !== OPEN_BRACKET) return null;
  try {
    const batch = JSON.parse(line.toString()) as unknown[];
    return batch.map((element) => messageOf(Buffer.from(JSON.stringify(element))));
  } catch {
    // Not JSON is an answer here, not a failure.
    return null;
  }
}

/** JSON text of a member of a message, as it was written. */
export function memberText(bytes: Buffer, path: readonly string[]): string | null {
  const span = memberSpan(bytes, path);
  return span === null ? null : bytes.toString('utf8', span.start, span.end);
}

/** The same message under another id. */
export function withId(bytes: Buffer, rawId: string): Buffer {
  const span = memberSpan(bytes, ['id']);
  if (span === null) return bytes;
  return Buffer.concat([bytes.subarray(0, span.start), Buffer.from(rawId), bytes.subarray(span.end)]);
}

/** Whether a message of the gateway is an answer. */
export function isAnswer(message: Buffer): boolean {
  return memberSpan(message, ['method']) === null;
}

/** What JSON is made of is ASCII, and in Latin-1 a character is a byte: so positions are those of bytes. */
function memberSpan(bytes: Buffer, path: readonly string[]): Span | null {
  return locate(bytes.toString('latin1'), path);
}

function messageOf(bytes: Buffer): ClientLine {
  const text = bytes.toString('latin1');
  const method = locate(text, ['method']);
  const id = locate(text, ['id']);
  return {
    bytes,
    method: method === null ? null : text.slice(method.start + 1, method.end - 1),
    rawId: id === null ? null : bytes.toString('utf8', id.start, id.end),
  };
}
