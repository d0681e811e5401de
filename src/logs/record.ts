import type { LogLevel, LogRecord, LogStream } from '../model.ts';

const STREAMS: readonly string[] = ['stdout', 'stderr', 'supervisor'] satisfies LogStream[];
const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];

/** How every record begins; inside a line its quotes are escaped, so it can only be a beginning. */
const BEGINNING = '{"time":';

/** What JSON.stringify leaves as it is although a terminal obeys it, or a reader of lines splits at it. */
const LEFT_RAW = /[\u007f-\u009f\u2028\u2029]/g;

/** One line of a log file, with its newline. */
export function encodeRecord(record: LogRecord): string {
  // Spelt out, so that the fields come in one order whoever made the record.
  const { time, server, generation, stream, level, line } = record;
  const json = JSON.stringify({ time, server, generation, stream, level, line });
  return `${json.replace(LEFT_RAW, escapeCharacter)}\n`;
}

/** The order of their times. */
export function byTime(a: LogRecord, b: LogRecord): number {
  return a.time < b.time ? -1 : Number(a.time > b.time);
}

/** null for what is no record: an empty, foreign or torn line. */
export function decodeRecord(line: string): LogRecord | null {
  const record = parseRecord(line);
  if (record !== null) return record;
  // A write that a full disk cut short has no newline: the next record follows on the same line.
  const start = line.lastIndexOf(BEGINNING);
  return start > 0 ? parseRecord(line.slice(start)) : null;
}

function parseRecord(json: string): LogRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Not JSON is an answer here, not a failure.
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { time, server, generation, stream, level, line } = value as Record<string, unknown>;
  if (typeof server !== 'string' || typeof generation !== 'number' || typeof line !== 'string') return null;
  if (!isStream(stream) || !isLevel(level)) return null;
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return null;
  // In one notation, so that times compare as text.
  return { time: new Date(at).toISOString(), server, generation, stream, level, line };
}

function isStream(value: unknown): value is LogStream {
  return typeof value === 'string' && STREAMS.includes(value);
}

function isLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && LEVELS.includes(value);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
