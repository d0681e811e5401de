import type { LogLevel, LogRecord, ServerName } from '../model.ts';
import { endOfLastLine, linesBackwards } from './backwards.ts';
import { followLogs, listed } from './follow.ts';
import { isAtLeast } from './level.ts';
import { byTime, decodeRecord } from './record.ts';
import { type LogFilePart, listParts, openPart } from './rotated-files.ts';
import { type Cursor, LATE_MS, MAX_LATE_FILES, START } from './tail.ts';

/** Lines are in the file in about the order of their times: two writers, and batches, make it vary. */
const DISORDER_MS = 10_000;

export interface LogFile {
  readonly server: ServerName;
  readonly path: string;
}

/** A function is asked again and again, for servers that come and go. */
export type LogFiles = readonly LogFile[] | (() => readonly LogFile[]);

export interface LogQuery {
  /** How many of the last records, of all files together. Default: all. */
  readonly lines?: number;
  readonly since?: Date;
  readonly minLevel?: LogLevel;
}

export interface OpenLogs {
  /** What was there, in time order. */
  readonly records: readonly LogRecord[];
  /** What comes after exactly that, until the signal. */
  follow(signal: AbortSignal): AsyncIterable<LogRecord>;
}

/** The last records, and then what follows them: none is missed in between, and none comes twice. */
export async function openLogs(files: LogFiles, query: LogQuery = {}): Promise<OpenLogs> {
  const opened = await Promise.all(
    listed(files).map(async ({ path }) => ({ path, ...(await openLog(path, query)) })),
  );
  // The sort is stable: of equal times the file's order is kept.
  const records = opened.flatMap((log) => log.records).sort(byTime);
  const from = new Map(opened.map(({ path, cursor }) => [path, cursor]));
  return {
    records: query.lines === undefined ? records : records.slice(Math.max(records.length - query.lines, 0)),
    follow: (signal) => followLogs(files, { from, signal, minLevel: query.minLevel ?? 'debug' }),
  };
}

export async function readLast(files: LogFiles, query: LogQuery = {}): Promise<readonly LogRecord[]> {
  return (await openLogs(files, query)).records;
}

async function openLog(path: string, query: LogQuery): Promise<{ records: LogRecord[]; cursor: Cursor }> {
  const parts = await listParts(path);
  const [newest, ...older] = parts;
  if (newest === undefined) return { records: [], cursor: START };
  const end = await wholeLines(path, newest);
  const late = older.filter(mayGrow).slice(0, MAX_LATE_FILES).map(endOf).reverse();
  const cursor = { ino: newest.ino, head: '', offset: end, late };
  return { records: await lastRecords(path, [{ ...newest, size: end }, ...older], query), cursor };
}

/** The last records that the query asks for, in the order of the files. */
async function lastRecords(
  path: string,
  parts: readonly LogFilePart[],
  query: LogQuery,
): Promise<LogRecord[]> {
  const { lines = Number.POSITIVE_INFINITY, since = new Date(0), minLevel = 'debug' } = query;
  const sinceTime = since.toISOString();
  const longBefore = new Date(since.getTime() - DISORDER_MS).toISOString();
  const found: LogRecord[] = [];
  if (lines <= 0) return found;
  for await (const record of recordsBackwards(path, parts)) {
    if (record.time < longBefore) break;
    if (record.time >= sinceTime && isAtLeast(record.level, minLevel)) found.push(record);
    if (found.length >= lines) break;
  }
  return found.reverse();
}

async function* recordsBackwards(path: string, parts: readonly LogFilePart[]): AsyncGenerator<LogRecord> {
  for (const { ino, size } of parts) {
    const file = await openPart(path, ino);
    if (file === null) return; // Rotated out while the newer ones were read.
    try {
      for await (const lines of linesBackwards(file, size)) {
        for (const line of lines.toReversed()) {
          const record = decodeRecord(line);
          if (record !== null) yield record;
        }
      }
    } finally {
      await file.close();
    }
  }
}

async function wholeLines(path: string, part: LogFilePart): Promise<number> {
  const file = await openPart(path, part.ino);
  if (file === null) return part.size;
  try {
    return await endOfLastLine(file, part.size);
  } finally {
    await file.close();
  }
}

/** Renaming sets the ctime: a file rotated just now may get late lines. */
function mayGrow(part: LogFilePart): boolean {
  return Date.now() - part.ctimeMs < LATE_MS;
}

function endOf({ ino, size }: LogFilePart): { ino: string; head: string; offset: number } {
  return { ino, head: '', offset: size };
}
