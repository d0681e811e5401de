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
  if (!isError && !answer.includes(IS_ERROR)) {
    inspector.worked(call);
    return answer;
  }
  const message = parsed(answer);
  const failure = failureIn(message);
  if (failure === null) {
    if (message?.result !== undefined) inspector.worked(call);
    return answer;
  }
  const told = inspector.failed({ ...call, ...failure });
  return told === null ? answer : withText(answer, message?.result?.content, told);
}

interface Answer {
  readonly result?: { readonly isError?: unknown; readonly content?: unknown } | null;
  readonly error?: { readonly code?: unknown; readonly message?: unknown } | null;
}

/** Null: an answer whose edges look right is passed on without being parsed, so it may be no JSON. */
function parsed(answer: Buffer): Answer | null {
  try {
    return JSON.parse(answer.toString());
  } catch {
    return null;
  }
}

/** Null: it is no failure, whatever words are in it. */
function failureIn(message: Answer | null): Pick<FailedCall, 'code' | 'text'> | null {
  const { result, error } = message ?? {};
  if (typeof error?.code === 'number') return { code: error.code, text: String(error.message) };
  if (result?.isError !== true) return null;
  const texts = Array.isArray(result.content) ? result.content.map(textOf) : [];
  return { code: null, text: texts.filter((text) => text !== null).join('\n') };
}

function textOf(block: unknown): string | null {
  if (typeof block !== 'object' || block === null) return null;
  const { type, text } = block as { type?: unknown; text?: unknown };
  return type === 'text' && typeof text === 'string' ? text : null;
}

/**
 * One more text at the end of the result's content; nothing else changes, not even a byte that is no UTF-8: in
 * latin1 a place in the text is a place in the bytes.
 */
function withText(answer: Buffer, content: unknown, text: string): Buffer {
  const span = locate(answer.toString('latin1'), ['result', 'content']);
  if (span === null || !Array.isArray(content)) return answer;
  const block = `${content.length === 0 ? '' : ','}${JSON.stringify({ type: 'text', text })}`;
  const end = span.end - 1;
  return Buffer.concat([answer.subarray(0, end), Buffer.from(block), answer.subarray(end)]);
}

/** What the client asked for, out of what was sent to the child; undefined where the supervisor before sent it. */
function argumentsIn(line: Buffer): unknown {
  const text = line.toString();
  const span = locate(text, ['params', 'arguments']);
  return span === null ? undefined : JSON.parse(text.slice(span.start, span.end));
}
