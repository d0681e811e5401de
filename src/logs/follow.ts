import { dirname } from 'node:path';
import type { LogLevel, LogRecord } from '../model.ts';
import { FolderWatch } from './folder-watch.ts';
import { isAtLeast } from './level.ts';
import type { LogFile, LogFiles } from './query.ts';
import { byTime } from './record.ts';
import { type Cursor, LogTail } from './tail.ts';

const POLL_MS = 250;

export interface FollowOptions {
  /** Where to go on, by path; a file that is not in it is read from its beginning. */
  readonly from: ReadonlyMap<string, Cursor>;
  readonly signal: AbortSignal;
  readonly minLevel?: LogLevel;
}

/** What is added to the logs, in time order as far as it comes at once, until the signal. */
export async function* followLogs(files: LogFiles, options: FollowOptions): AsyncGenerator<LogRecord> {
  const { signal, minLevel = 'debug' } = options;
  const from = new Map(options.from);
  const tails = new Map<string, LogTail>();
  const folders = new FolderWatch();
  try {
    while (!signal.aborted) {
      const paths = listed(files).map(({ path }) => path);
      folders.add(paths.map(dirname));
      await matchTails(tails, paths, from);
      const reads = await Promise.all([...tails.values()].map((tail) => tail.read()));
      for (const record of reads.flatMap((read) => read.records).sort(byTime)) {
        if (signal.aborted) return;
        if (isAtLeast(record.level, minLevel)) yield record;
      }
      if (reads.every((read) => read.done)) await folders.wait(POLL_MS, signal);
    }
  } finally {
    folders.close();
    await Promise.all([...tails.values()].map((tail) => tail.close()));
  }
}

export function listed(files: LogFiles): readonly LogFile[] {
  return typeof files === 'function' ? files() : files;
}

/** One tail for each path, and none for others; one that comes back goes on where it stopped. */
async function matchTails(
  tails: Map<string, LogTail>,
  paths: readonly string[],
  from: Map<string, Cursor>,
): Promise<void> {
  for (const path of paths) {
    if (!tails.has(path)) tails.set(path, new LogTail(path, from.get(path)));
  }
  for (const [path, tail] of tails) {
    if (paths.includes(path)) continue;
    tails.delete(path);
    await tail.close();
    from.set(path, tail.cursor());
  }
}
