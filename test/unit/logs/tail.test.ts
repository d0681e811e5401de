import {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Cursor, LogTail } from '../../../src/logs/tail.ts';
import { LogWriter } from '../../../src/logs/writer.ts';
import { linesOf, tempFolder, text } from './records.ts';

async function newLog(): Promise<string> {
  return join(await tempFolder(), 'sentry.log');
}

async function readAll(tail: LogTail, maxBytes?: number): Promise<string[]> {
  let lines: string[] = [];
  for (;;) {
    const { records, done } = await tail.read(maxBytes);
    lines = lines.concat(linesOf(records));
    if (done) return lines;
  }
}

/** As a writer would: the file moves on, and with the next line there is a new one. */
async function rotate(path: string, files = 5): Promise<void> {
  for (let index = files; index > 0; index -= 1) {
    await rename(index === 1 ? path : `${path}.${index - 1}`, `${path}.${index}`).catch(() => {});
  }
}

describe('LogTail', () => {
  it('reads what is there, then what is added', async () => {
    const path = await newLog();
    const tail = new LogTail(path);
    expect(await tail.read()).toEqual({ records: [], done: true });
    await writeFile(path, text('one', 'two'));
    expect(await readAll(tail)).toEqual(['one', 'two']);
    expect(await readAll(tail)).toEqual([]);
    await appendFile(path, text('three'));
    expect(await readAll(tail)).toEqual(['three']);
    await tail.close();
  });

  it.each([1, 7, 100])('reads in parts of %i bytes, and splits no character', async (bytes) => {
    const path = await newLog();
    await writeFile(path, text('ünïcödé 🙂', 'Ω≈ç√∫', 'x'));
    const tail = new LogTail(path);
    expect(await readAll(tail, bytes)).toEqual(['ünïcödé 🙂', 'Ω≈ç√∫', 'x']);
    await tail.close();
  });

  it('waits for the newline of a torn line, and passes over what is no record', async () => {
    const path = await newLog();
    const [half, rest] = [text('torn').slice(0, 50), text('torn').slice(50)];
    await writeFile(path, `\nnot json\n${text('one')}${half}`);
    const tail = new LogTail(path);
    expect(await readAll(tail)).toEqual(['one']);
    await appendFile(path, rest);
    expect(await readAll(tail)).toEqual(['torn']);
    await tail.close();
  });

  it('skips a line of over 64 MiB, and reads the next', async () => {
    const path = await newLog();
    await writeFile(path, Buffer.alloc(70 * 1024 * 1024, 'x'));
    await appendFile(path, `\n${text('after')}`);
    const tail = new LogTail(path);
    expect(await readAll(tail)).toEqual(['after']);
    await tail.close();
  });

  it('begins again in a file that was emptied', async () => {
    const path = await newLog();
    await writeFile(path, text('one', 'two'));
    const tail = new LogTail(path);
    await readAll(tail);
    await truncate(path);
    await appendFile(path, text('three'));
    expect(await readAll(tail)).toEqual(['three']);
    await tail.close();
  });

  it('goes on in the new file when the log was deleted, and repeats nothing', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    await rotate(path);
    await waitForNextTick(path);
    await writeFile(path, text('two'));
    const tail = new LogTail(path);
    expect(await readAll(tail)).toEqual(['one', 'two']);
    await rm(path);
    expect(await readAll(tail)).toEqual([]);
    await waitForNextTick(path);
    await writeFile(path, text('three'));
    expect(await readAll(tail)).toEqual(['three']);
    await tail.close();
  });
});

describe('rotation', () => {
  it('reads rotated files from the oldest on, and gaps do not matter', async () => {
    const path = await newLog();
    await writeFile(`${path}.12`, text('one'));
    await writeFile(`${path}.3`, text('two'));
    await writeFile(`${path}.1`, text('three'));
    await writeFile(`${path}.x`, text('no'));
    await writeFile(path, text('four'));
    const tail = new LogTail(path);
    expect(await readAll(tail)).toEqual(['one', 'two', 'three', 'four']);
    await tail.close();
  });

  it('finishes a file that has been rotated, also several times, and then the newer ones', async () => {
    const path = await newLog();
    await writeFile(path, text('one', 'two'));
    const tail = new LogTail(path);
    expect(linesOf((await tail.read(150)).records)).toEqual(['one']);
    for (const line of ['three', 'four', 'five']) {
      await rotate(path);
      await writeFile(path, text(line));
    }
    expect(await readAll(tail)).toEqual(['two', 'three', 'four', 'five']);
    await tail.close();
  });

  it('still reads what a writer adds to the old file, before what came after', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    const tail = new LogTail(path);
    await readAll(tail);
    await rotate(path);
    await writeFile(path, text('three'));
    expect(await readAll(tail)).toEqual(['three']);
    await appendFile(`${path}.1`, text('late'));
    await appendFile(path, text('four'));
    expect(await readAll(tail)).toEqual(['late', 'four']);
    await tail.close();
  });

  it('takes the lines of a writer that moves on during a read in their order', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    const tail = new LogTail(path);
    await readAll(tail);
    await rotate(path);
    await writeFile(path, text('two'));
    await readAll(tail);
    const handle = await open(path);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const original = prototype.stat;
    let looks = 0;
    const look = vi.spyOn(prototype, 'stat').mockImplementation(async function (this: FileHandle) {
      looks += 1;
      // One of the two files has been read, the other not yet.
      if (looks === 2) {
        await appendFile(`${path}.1`, text('late'));
        await appendFile(path, text('after'));
      }
      return original.call(this);
    } as typeof original);
    const first = await tail.read();
    look.mockRestore();
    expect([...linesOf(first.records), ...(await readAll(tail))]).toEqual(['late', 'after']);
    await tail.close();
  });

  it('waits while there is no file between two', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    const tail = new LogTail(path);
    await readAll(tail);
    await rotate(path);
    expect(await readAll(tail)).toEqual([]);
    await appendFile(`${path}.1`, text('late'));
    await writeFile(path, text('two'));
    expect(await readAll(tail)).toEqual(['late', 'two']);
    await tail.close();
  });

  it('goes on with the oldest file when its own has been rotated out', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    const tail = new LogTail(path);
    await readAll(tail);
    for (const line of ['two', 'three', 'four']) {
      await rotate(path, 2);
      await writeFile(path, text(line));
    }
    expect(await readAll(tail)).toEqual(['two', 'three', 'four']);
    for (const line of ['five', 'six', 'seven', 'eight', 'nine']) {
      await rotate(path, 2);
      await writeFile(path, text(line));
    }
    expect(await readAll(tail)).toEqual(['seven', 'eight', 'nine']);
    await tail.close();
  });
});

describe('cursor', () => {
  /** What a state file does to it. */
  const stored = (cursor: Cursor): Cursor => JSON.parse(JSON.stringify(cursor)) as Cursor;

  it('goes on where another tail stopped, through rotations', async () => {
    const path = await newLog();
    await writeFile(path, text('one', 'two') + text('torn').slice(0, 20));
    const first = new LogTail(path);
    expect(linesOf((await first.read(150)).records)).toEqual(['one']);
    const early = stored(first.cursor());
    await readAll(first);
    await first.close();
    const late = stored(first.cursor());
    await appendFile(path, text('torn').slice(20));
    await rotate(path);
    await rotate(path);
    await writeFile(path, text('four'));
    for (const [cursor, expected] of [
      [early, ['two', 'torn', 'four']],
      [late, ['torn', 'four']],
    ] as const) {
      const tail = new LogTail(path, cursor);
      expect(await readAll(tail)).toEqual(expected);
      await tail.close();
    }
  });

  it('knows the file that may still get late lines', async () => {
    const path = await newLog();
    await writeFile(path, text('one'));
    const first = new LogTail(path);
    await readAll(first);
    await rotate(path);
    await writeFile(path, text('two'));
    await readAll(first);
    await first.close();
    await appendFile(`${path}.1`, text('late'));
    const second = new LogTail(path, stored(first.cursor()));
    expect(await readAll(second)).toEqual(['late']);
    await second.close();
  });

  it('goes on with the oldest file when its own is gone, even if another has got its inode', async () => {
    const path = await newLog();
    await writeFile(path, text('two'));
    const tail = new LogTail(path);
    await readAll(tail);
    const { ino } = tail.cursor();
    await tail.close();
    for (const gone of [
      { ino: '1', head: '', offset: 10, late: [] },
      { ino, head: '{"time":"2020-', offset: 40, late: [{ ino: '2', head: '', offset: 0 }] },
    ]) {
      await writeFile(`${path}.1`, text('one'));
      const other = new LogTail(path, gone);
      expect(await readAll(other)).toEqual(['one', 'two']);
      await other.close();
    }
  });

  it('of an empty or missing log is its beginning', async () => {
    const path = await newLog();
    const missing = new LogTail(path);
    await readAll(missing);
    await writeFile(path, '');
    const empty = new LogTail(path);
    await readAll(empty);
    await appendFile(path, text('one'));
    for (const cursor of [missing.cursor(), empty.cursor()]) {
      const tail = new LogTail(path, stored(cursor));
      expect(await readAll(tail)).toEqual(['one']);
      await tail.close();
    }
    await empty.close();
  });
});

it('follows writers that rotate as fast as they can: every line once, each writer in order', async () => {
  const path = await newLog();
  await mkdir(dirname(path), { recursive: true });
  const writers = [1, 2, 3].map(() => new LogWriter(path, { maxBytes: 20_000, keep: 10_000 }));
  const tail = new LogTail(path);
  const seen: string[][] = [[], [], []];
  const read = async () => {
    for (const line of await readAll(tail)) seen[Number(line[0])]?.push(line);
  };
  const expected = writers.map((_, id) => Array.from({ length: 5_000 }, (_, n) => `${id} ${n}`));
  let writing = true;
  const all = writers.map(async (writer, id) => {
    for (const [n, line] of (expected[id] ?? []).entries()) {
      writer.write(text(line));
      if (n % (20 + id * 7) === 0) await writer.flush();
    }
    await writer.close();
  });
  const reading = (async () => {
    while (writing) await read();
    await read();
  })();
  await Promise.all(all);
  writing = false;
  await reading;
  expect(seen).toEqual(expected);
  await tail.close();
});

/** Until the file system's clock, by which files are older or newer, has moved on. */
async function waitForNextTick(path: string): Promise<void> {
  const probe = `${path}-probe`;
  await writeFile(probe, '');
  const { mtimeMs } = await stat(probe);
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    await writeFile(probe, 'x');
    if (Math.floor((await stat(probe)).mtimeMs) > Math.floor(mtimeMs)) return;
  }
  throw new Error('the clock stands still');
}
