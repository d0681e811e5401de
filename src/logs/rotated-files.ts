import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { hasCode } from '../errors.ts';

/** How far a file may be moved on between being found and being opened, before it is looked for anew. */
const MOVES = 10;

/** One file of a log: `x.log` is written to, `x.log.1` came before it, `x.log.2` before that. */
export interface LogFilePart {
  readonly index: number;
  /** The inode, as text: it may exceed what a JSON number holds. */
  readonly ino: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export function rotatedPath(path: string, index: number): string {
  return index === 0 ? path : `${path}.${index}`;
}

/** The numbers of the rotated files that there are, ascending. */
export async function rotatedIndexes(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.`;
  const names = (await orNothing(readdir(dirname(path)))) ?? [];
  return names
    .filter((name) => name.startsWith(prefix) && /^[1-9]\d*$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/**
 * All files of a log, the newest first. Looking in this direction misses none: a rotation meanwhile
 * moves files the same way, so that one is at worst met twice, and the last one may have moved on.
 */
export async function listParts(path: string): Promise<LogFilePart[]> {
  let highest = await highestIndex(path);
  const parts = new Map<string, LogFilePart>();
  for (let index = 0; ; index += 1) {
    const part = await partAt(path, index);
    if (part !== null && !parts.has(part.ino)) parts.set(part.ino, part);
    if (part === null && index >= highest) {
      highest = await highestIndex(path);
      if (index >= highest) return [...parts.values()];
    }
  }
}

async function highestIndex(path: string): Promise<number> {
  return (await rotatedIndexes(path)).at(-1) ?? 0;
}

/** What the log has at this index now; null for nothing. */
export async function partAt(log: string, index: number): Promise<LogFilePart | null> {
  const stats = await orNothing(stat(rotatedPath(log, index), { bigint: true }));
  if (stats === null) return null;
  const { ino, size, mtimeMs, ctimeMs } = stats;
  return {
    index,
    ino: String(ino),
    size: Number(size),
    mtimeMs: Number(mtimeMs),
    ctimeMs: Number(ctimeMs),
  };
}

/**
 * Opens the file of the log that has this inode, whatever it is called by now; null when it is gone. It may
 * be moved on meanwhile, by one index with each rotation: it is followed, which is quicker than to list all.
 */
export async function openPart(path: string, ino: string): Promise<FileHandle | null> {
  for (;;) {
    const part = (await listParts(path)).find((candidate) => candidate.ino === ino);
    if (part === undefined) return null;
    for (let index = part.index; index <= part.index + MOVES; index += 1) {
      const handle = await orNothing(open(rotatedPath(path, index), 'r'));
      if (handle === null) continue;
      if (String((await handle.stat({ bigint: true })).ino) === ino) return handle;
      await handle.close();
    }
  }
}

async function orNothing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
