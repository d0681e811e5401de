import { appendFile, mkdir, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { followLogs } from '../../../src/logs/follow.ts';
import { type LogFile, openLogs, readLast } from '../../../src/logs/query.ts';
import { encodeRecord } from '../../../src/logs/record.ts';
import { LogWriter } from '../../../src/logs/writer.ts';
import type { LogRecord } from '../../../src/model.ts';
import { linesOf, record, tempFolder, text } from './records.ts';

async function newSources(...servers: readonly string[]): Promise<LogFile[]> {
  const folder = await tempFolder();
  return servers.map((server) => ({ server, path: join(folder, `${server}.log`) }));
}

async function newSource(): Promise<LogFile> {
  const [source] = await newSources('sentry');
  if (source === undefined) throw new Error('unreachable');
  return source;
}

/** One line for each second from `from` on. */
function seconds(from: number, count: number, more: Partial<LogRecord> = {}): string {
  return Array.from({ length: count }, (_, n) =>
    encodeRecord(record(`line ${from + n}`, from + n, more)),
  ).join('');
}

/** Collects in the background, for `vi.waitFor` to look at. */
function collect(records: AsyncIterable<LogRecord>): { lines: string[]; ended: Promise<void> } {
  const lines: string[] = [];
  const ended = (async () => {
    for await (const { line } of records) lines.push(line);
  })();
  return { lines, ended };
}

describe('readLast', () => {
  it('merges by time; equal times stay in the order of the files', async () => {
    const [a, b] = (await newSources('a', 'b')) as [LogFile, LogFile];
    await writeFile(a.path, [0, 2, 2, 4].map((at, n) => encodeRecord(record(`a${n}`, at))).join(''));
    await writeFile(b.path, [1, 2, 3].map((at, n) => encodeRecord(record(`b${n}`, at))).join(''));
    expect(linesOf(await readLast([a, b]))).toEqual(['a0', 'b0', 'a1', 'a2', 'b1', 'b2', 'a3']);
    expect(linesOf(await readLast([a, b], { lines: 3 }))).toEqual(['b1', 'b2', 'a3']);
    expect(await readLast([a, b], { lines: 0 })).toEqual([]);
  });

  it('reads on into rotated files, and across chunks', async () => {
    const source = await newSource();
    await writeFile(`${source.path}.2`, seconds(0, 1_000));
    await writeFile(`${source.path}.1`, seconds(1_000, 1_000));
    await writeFile(source.path, seconds(2_000, 1_000));
    const all = Array.from({ length: 3_000 }, (_, n) => `line ${n}`);
    expect(linesOf(await readLast([source]))).toEqual(all);
    for (const lines of [1, 999, 1_000, 1_001, 2_500, 9_999]) {
      expect(linesOf(await readLast([source], { lines }))).toEqual(all.slice(-lines));
    }
  });

  it('reads lines that are longer than a chunk', async () => {
    const source = await newSource();
    const long = '🙂'.repeat(100_000);
    await writeFile(source.path, text('before', long, 'between', long, 'after'));
    expect(linesOf(await readLast([source], { lines: 4 }))).toEqual([long, 'between', long, 'after']);
    expect(linesOf(await readLast([source]))).toEqual(['before', long, 'between', long, 'after']);
  });

  it('filters by level and time', async () => {
    const source = await newSource();
    await writeFile(source.path, seconds(0, 10) + seconds(10, 2, { level: 'error' }) + seconds(12, 100));
    expect(linesOf(await readLast([source], { minLevel: 'warn' }))).toEqual(['line 10', 'line 11']);
    expect(linesOf(await readLast([source], { minLevel: 'warn', lines: 1 }))).toEqual(['line 11']);
    const since = new Date(record('', 110).time);
    expect(linesOf(await readLast([source], { since }))).toEqual(['line 110', 'line 111']);
    expect(linesOf(await readLast([source], { since, lines: 1 }))).toEqual(['line 111']);
  });

  it('finds records that two writers put a little out of order', async () => {
    const source = await newSource();
    await writeFile(source.path, [5, 9, 7, 10, 8].map((at) => encodeRecord(record(`at ${at}`, at))).join(''));
    const since = new Date(record('', 8).time);
    expect(linesOf(await readLast([source], { since }))).toEqual(['at 8', 'at 9', 'at 10']);
  });

  it('is empty for missing and empty files, and tolerates foreign lines', async () => {
    const [a, b, c] = (await newSources('a', 'b', 'c')) as [LogFile, LogFile, LogFile];
    await writeFile(b.path, '');
    await writeFile(c.path, `noise\n\n${text('one')}{"torn`);
    expect(linesOf(await readLast([a, b, c]))).toEqual(['one']);
  });

  it('reads no more of a file than the last lines take', async () => {
    const source = await newSource();
    // A hole of 4 TiB: nobody who read it would be back before the test is given up.
    await writeFile(source.path, '');
    await truncate(source.path, 4 * 1024 ** 4);
    await appendFile(source.path, `\n${seconds(0, 100)}`);
    expect(await readLast([source], { lines: 20 })).toHaveLength(20);
  });
});

describe('followLogs', () => {
  it('yields what is added, to new files too, and ends at the abort', async () => {
    const [a, b] = (await newSources('a', 'b')) as [LogFile, LogFile];
    const sources = [a];
    const abort = new AbortController();
    const { lines, ended } = collect(followLogs(() => sources, { from: new Map(), signal: abort.signal }));
    await writeFile(a.path, text('a1'));
    await vi.waitFor(() => expect(lines).toEqual(['a1']), 10_000);
    sources.push(b);
    await writeFile(b.path, text('b1'));
    await vi.waitFor(() => expect(lines).toEqual(['a1', 'b1']), 10_000);
    sources.shift();
    await appendFile(b.path, text('b2'));
    await vi.waitFor(() => expect(lines).toEqual(['a1', 'b1', 'b2']), 10_000);
    abort.abort();
    await ended;
  });

  it('starts before the folder is there', async () => {
    const folder = join(await tempFolder(), 'not', 'yet');
    const path = join(folder, 'a.log');
    const abort = new AbortController();
    const { lines, ended } = collect(
      followLogs([{ server: 'a', path }], { from: new Map(), signal: abort.signal }),
    );
    await mkdir(folder, { recursive: true });
    await writeFile(path, text('one'));
    await vi.waitFor(() => expect(lines).toEqual(['one']), 10_000);
    abort.abort();
    await ended;
  });

  it('goes through a rotation and a truncation', async () => {
    const source = await newSource();
    await writeFile(source.path, text('old'));
    const abort = new AbortController();
    const logs = await openLogs([source]);
    const { lines, ended } = collect(logs.follow(abort.signal));
    await appendFile(source.path, text('one'));
    await vi.waitFor(() => expect(lines).toEqual(['one']), 10_000);
    await rename(source.path, `${source.path}.1`);
    await writeFile(source.path, text('two'));
    await vi.waitFor(() => expect(lines).toEqual(['one', 'two']), 10_000);
    await truncate(source.path);
    // Seen while it is empty; what fills it at once up to where it was read cannot be told from no change.
    await appendFile(source.path, text('3'));
    await vi.waitFor(() => expect(lines).toEqual(['one', 'two', '3']), 10_000);
    abort.abort();
    await ended;
  });

  it('filters by level', async () => {
    const source = await newSource();
    const abort = new AbortController();
    const logs = await openLogs([source], { minLevel: 'error' });
    const { lines, ended } = collect(logs.follow(abort.signal));
    await writeFile(source.path, seconds(0, 3) + seconds(3, 1, { level: 'error' }));
    await vi.waitFor(() => expect(lines).toEqual(['line 3']), 10_000);
    abort.abort();
    await ended;
  });

  it('ends at once when it is aborted before, and when nobody wants more', async () => {
    const source = await newSource();
    await writeFile(source.path, text('one', 'two'));
    const aborted = collect(followLogs([source], { from: new Map(), signal: AbortSignal.abort() }));
    await aborted.ended;
    expect(aborted.lines).toEqual([]);
    for await (const { line } of followLogs([source], {
      from: new Map(),
      signal: new AbortController().signal,
    })) {
      expect(line).toBe('one');
      break;
    }
  });
});

describe('openLogs', () => {
  it('gives a torn last line to who follows', async () => {
    const source = await newSource();
    await writeFile(source.path, text('one') + text('torn').slice(0, 30));
    const logs = await openLogs([source]);
    expect(linesOf(logs.records)).toEqual(['one']);
    const abort = new AbortController();
    const { lines, ended } = collect(logs.follow(abort.signal));
    await appendFile(source.path, text('torn').slice(30));
    await vi.waitFor(() => expect(lines).toEqual(['torn']), 10_000);
    abort.abort();
    await ended;
  });

  it('gives a late line of a file rotated just now', async () => {
    const source = await newSource();
    await writeFile(`${source.path}.1`, text('one'));
    await writeFile(source.path, text('two'));
    const logs = await openLogs([source], { lines: 1 });
    await appendFile(`${source.path}.1`, text('late'));
    const abort = new AbortController();
    const { lines, ended } = collect(logs.follow(abort.signal));
    await vi.waitFor(() => expect(lines).toEqual(['late']), 10_000);
    abort.abort();
    await ended;
  });

  it('misses and repeats nothing between the two, while writers write and rotate', async () => {
    const source = await newSource();
    const count = 3_000;
    const writers = [0, 1].map(() => new LogWriter(source.path, { maxBytes: 20_000, keep: 10_000 }));
    const all = writers.map(async (writer, id) => {
      for (let n = 0; n < count; n += 1) {
        const time = new Date().toISOString();
        writer.write(encodeRecord(record(`${id} ${n}`, 0, { time })));
        if (n % 20 === 0) await writer.flush();
      }
      await writer.close();
    });
    const abort = new AbortController();
    const runs: { before: number; lines: string[]; ended: Promise<void> }[] = [];
    let writing = true;
    const opening = (async () => {
      while (writing && runs.length < 10) {
        const logs = await openLogs([source]);
        const run = collect(logs.follow(abort.signal));
        run.lines.push(...linesOf(logs.records));
        runs.push({ before: logs.records.length, ...run });
      }
    })();
    await Promise.all(all);
    writing = false;
    await opening;
    expect(runs.some(({ before }) => before > 0 && before < 2 * count)).toBe(true);
    await vi.waitFor(() => {
      for (const { lines } of runs) expect(lines.length).toBeGreaterThanOrEqual(2 * count);
    }, 20_000);
    abort.abort();
    for (const { lines, ended } of runs) {
      await ended;
      expect(new Set(lines).size).toBe(2 * count);
      expect(lines).toHaveLength(2 * count);
    }
  });
});
