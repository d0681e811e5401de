import type { FailedCall, ToolCall } from '../model.ts';
import type { Call } from './call.ts';
import { locate } from './message-text.ts';

/** Looks at the answers to tool calls on their way to the client. */
export interface AnswerInspector {
  /** Returns what to tell the client beside the answer; null: nothing. */
  failed(call: FailedCall): string | null;
  /** Told of nearly every call, so it must cost next to nothing. */
  worked(call: ToolCall): void;
}

/** An error is a few sentences. What is longer passes unread: results can be many MiB. */
const MAX_READ_BYTES = 1024 * 1024;
const IS_ERROR = Buffer.from('"isError"');

/**
 * Shows the answer to a call to the inspector, and returns what goes to the client: the same bytes, with one
 * more text in `result.content` where there is something to tell. Only what may be an error is parsed.
 */
export function inspected(
  { method, tool, line }: Pick<Call, 'method' | 'tool' | 'line'>,
  answer: Buffer,
  isError: boolean,
  inspector: AnswerInspector,
): Buffer {
  if (method !== 'tools/call' || tool === null || answer.length > MAX_READ_BYTES) return answer;
  const call: ToolCall = { tool, arguments: () => argumentsIn(line) };
  const failure = isError ? errorIn(answer) : answer.includes(IS_ERROR) ? failureIn(answer) : null;
  if (failure === null) {
    if (!isError) inspector.worked(call);
    return answer;
  }
  const told = inspector.failed({ ...call, ...failure });
  return told === null || isError ? answer : withText(answer, told);
}

type Failure = Pick<FailedCall, 'code' | 'text'>;

function errorIn(answer: Buffer): Failure | null {
  const error = valueAt(answer, ['error']) as { code?: unknown; message?: unknown } | null | undefined;
  if (typeof error?.code !== 'number') return null;
  return { code: error.code, text: String(error.message) };
}

/** Null: it is no error, whatever words are in it. */
function failureIn(answer: Buffer): Failure | null {
  if (valueAt(answer, ['result', 'isError']) !== true) return null;
  const content = valueAt(answer, ['result', 'content']);
  const texts = Array.isArray(content) ? content.map(textOf).filter((text) => text !== null) : [];
  return { code: null, text: texts.join('\n') };
}

function textOf(block: unknown): string | null {
  if (typeof block !== 'object' || block === null) return null;
  const { type, text } = block as { type?: unknown; text?: unknown };
  return type === 'text' && typeof text === 'string' ? text : null;
}

/** One more text at the end of the result's content; nothing else changes, not even a byte that is no UTF-8. */
function withText(answer: Buffer, text: string): Buffer {
  const span = locate(answer.toString('latin1'), ['result', 'content']);
  const content = valueAt(answer, ['result', 'content']);
  if (span === null || !Array.isArray(content)) return answer;
  const block = `${content.length === 0 ? '' : ','}${JSON.stringify({ type: 'text', text })}`;
  const end = span.end - 1;
  return Buffer.concat([answer.subarray(0, end), Buffer.from(block), answer.subarray(end)]);
}

/** What the client asked for, out of what was sent to the child; that is not there after a restart of ours. */
function argumentsIn(line: Buffer): unknown {
  return valueAt(line, ['params', 'arguments']);
}

/** Undefined where there is none. In latin1 a place in the text is a place in the bytes. */
function valueAt(message: Buffer, path: readonly string[]): unknown {
  const span = locate(message.toString('latin1'), path);
  if (span === null) return undefined;
  try {
    return JSON.parse(message.toString('utf8', span.start, span.end));
  } catch {
    // An answer whose edges look right is passed on without being parsed, so it may be no JSON.
    return undefined;
  }
}
