import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { encodeRecord } from '../../../src/logs/record.ts';
import { LogWriter, type LogWriterOptions } from '../../../src/logs/writer.ts';
import { record, tempFolder, text } from './records.ts';

async function writerIn(folder: string, options?: LogWriterOptions) {
  const path = join(folder, 'logs', 'sentry.log');
  const writer = new LogWriter(path, options);
  return { path, writer };
}

async function newWriter(options?: LogWriterOptions) {
  return writerIn(await tempFolder(), options);
}

describe('LogWriter', () => {
  it('makes the folder and the file, closed to others and kept out of git', async () => {
    const { path, writer } = await newWriter();
    writer.write(text('one'));
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(text('one'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
    expect(await readFile(join(path, '..', '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('does not bring back a project whose folder is gone', async () => {
    const onError = vi.fn();
    const folder = join(await tempFolder(), 'project');
    const { writer } = await writerIn(folder, { onError });
    writer.write(text('one'));
    await writer.close();
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'ENOENT' }));
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('flushes what was written before, in order', async () => {
    const { path, writer } = await newWriter();
    let expected = '';
    for (let n = 0; n < 1_000; n += 1) {
      writer.write(text(`line ${n}`));
      expected += text(`line ${n}`);
      if (n % 100 === 0) await writer.flush();
    }
    await writer.flush();
    expect(await readFile(path, 'utf8')).toBe(expected);
    await writer.close();
  });

  it('writes a burst at once, in parts of at most a MiB', async () => {
    const { path, writer } = await newWriter();
    const probe = await fileHandlePrototype(path);
    const write = vi.spyOn(probe, 'write');
    for (let n = 0; n < 1_000; n += 1) writer.write(text(`line ${n}`));
    await writer.flush();
    expect(write).toHaveBeenCalledTimes(1);
    for (let n = 0; n < 300; n += 1) writer.write(text('x'.repeat(10_000)));
    await writer.close();
    expect(write).toHaveBeenCalledTimes(4);
    write.mockRestore();
  });

  it('asks for a pause when too much waits, loses none of it, and says when to go on', async () => {
    const { path, writer } = await newWriter({ highWaterBytes: 10_000 });
    let free = true;
    let written = 0;
    for (; free; written += 1) free = writer.write(text(`line ${written}`));
    expect(written).toBeGreaterThan(50);
    await writer.drained();
    expect(writer.write(text('more'))).toBe(true);
    await writer.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(written + 2);
  });

  it('does not wait in drained when nothing waits', async () => {
    const { writer } = await newWriter();
    await writer.drained();
    await writer.flush();
    await writer.close();
  });

  it('goes on where a short write stopped', async () => {
    const { path, writer } = await newWriter();
    const prototype = await fileHandlePrototype(path);
    const original = prototype.write;
    const write = vi.spyOn(prototype, 'write').mockImplementation(function (
      this: unknown,
      ...args: unknown[]
    ) {
      const [data, from = 0] = args as [Buffer, number?];
      return original.call(this, data, from, Math.min(7, data.length - from));
    });
    writer.write(text('a', 'b'));
    await writer.close();
    write.mockRestore();
    expect(await readFile(path, 'utf8')).toBe(text('a', 'b'));
  });

  it('appends to the new file when somebody has moved or deleted the old one', async () => {
    const { path, writer } = await newWriter();
    writer.write(text('one'));
    await writer.flush();
    await rename(path, `${path}.moved`);
    writer.write(text('two'));
    await writer.flush();
    await rm(join(path, '..'), { recursive: true });
    writer.write(text('three'));
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(text('three'));
  });
});

describe('rotation', () => {
  it('keeps the newest files, each under the limit', async () => {
    const { path, writer } = await newWriter({ maxBytes: 1_000, keep: 2 });
    for (let n = 0; n < 50; n += 1) writer.write(text(`line ${n}`));
    await writer.close();
    const names = (await readdir(join(path, '..'))).sort();
    expect(names).toEqual(['.gitignore', 'sentry.log', 'sentry.log.1', 'sentry.log.2']);
    const kept = await Promise.all([`${path}.2`, `${path}.1`, path].map((file) => readFile(file, 'utf8')));
    for (const file of kept) expect(file.length).toBeLessThanOrEqual(1_000);
    const lines = Array.from({ length: 50 }, (_, n) => text(`line ${n}`)).join('');
    expect(lines.endsWith(kept.join(''))).toBe(true);
  });

  it('keeps none with keep 0, and removes what an earlier, larger keep has left', async () => {
    const { path, writer } = await newWriter({ maxBytes: 300, keep: 0 });
    await mkdir(join(path, '..'));
    await Promise.all(['', '.1', '.4'].map((end) => writeFile(path + end, text('old', 'old', 'old'))));
    writer.write(text('new'));
    await writer.close();
    expect(await readdir(join(path, '..'))).toEqual(['sentry.log']);
    expect(await readFile(path, 'utf8')).toBe(text('new'));
  });

  it('counts what others have written', async () => {
    const { path, writer } = await newWriter({ maxBytes: 1_000 });
    writer.write(text('mine'));
    await writer.flush();
    await writeFile(path, text('x'.repeat(950)), { flag: 'a' });
    writer.write(text('after'));
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(text('after'));
  });

  it('goes on with the file it has while another process rotates', async () => {
    const { path, writer } = await newWriter({ maxBytes: 100 });
    await mkdir(join(path, '..'));
    await writeFile(`${path}.lock`, '1\n');
    for (const line of ['one', 'two', 'three']) {
      writer.write(text(line));
      await writer.flush();
    }
    expect(await readFile(path, 'utf8')).toBe(text('one', 'two', 'three'));
    await writer.close();
  });

  it('breaks the lock of a process that was killed while it rotated', async () => {
    const { path, writer } = await newWriter({ maxBytes: 100 });
    await mkdir(join(path, '..'));
    await writeFile(`${path}.lock`, '1\n');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.lock`, longAgo, longAgo);
    for (const line of ['one', 'two', 'three']) {
      writer.write(text(line));
      await writer.flush();
    }
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(text('three'));
    expect((await readdir(join(path, '..'))).sort()).toEqual(['sentry.log', 'sentry.log.1']);
  });

  it('writes on when it cannot rotate', async () => {
    const onError = vi.fn();
    const { path, writer } = await newWriter({ maxBytes: 100, keep: 1, onError });
    // A folder in the place of the file that must go.
    await mkdir(`${path}.1`, { recursive: true });
    for (const line of ['one', 'two', 'three']) {
      writer.write(text(line));
      await writer.flush();
    }
    await writer.close();
    expect(await readFile(path, 'utf8')).toBe(text('one', 'two', 'three'));
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

describe.skipIf(process.platform !== 'linux')('a failing disk', () => {
  it('costs lines, is reported once, and is told of in the log once it works again', async () => {
    const onError = vi.fn();
    const { path, writer } = await newWriter({ onError });
    await mkdir(join(path, '..'));
    await symlink('/dev/full', path);
    for (const line of ['one', 'two', 'three']) {
      writer.write(encodeRecord(record(line, 0, { generation: 7 })));
      await writer.flush();
    }
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'ENOSPC' });
    await rm(path);
    writer.write(text('four'));
    writer.write(text('five'));
    await writer.close();
    const [notice, ...lines] = (await readFile(path, 'utf8')).trim().split('\n');
    expect(JSON.parse(notice ?? '')).toMatchObject({
      server: 'sentry',
      generation: 7,
      stream: 'supervisor',
      level: 'error',
      line: expect.stringContaining('written: 3'),
    });
    expect(lines).toEqual(text('four', 'five').trim().split('\n'));
  });

  it('counts only what is not in the file, and does not glue the next line to a torn one', async () => {
    const { path, writer } = await newWriter();
    const prototype = await fileHandlePrototype(path);
    const original = prototype.write;
    const whole = text('one').length;
    const write = vi
      .spyOn(prototype, 'write')
      .mockImplementationOnce(function (this: unknown, ...args: unknown[]) {
        return original.call(this, args[0] as Buffer, 0, whole + 5);
      })
      .mockRejectedValueOnce(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    writer.write(text('one'));
    writer.write(text('two'));
    writer.write(text('three'));
    await writer.flush();
    write.mockRestore();
    writer.write(text('four'));
    await writer.close();
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines).toEqual([
      text('one').trim(),
      text('two').slice(0, 5),
      expect.stringContaining('written: 2'),
      text('four').trim(),
      '',
    ]);
  });

  it('survives a path that cannot be opened', async () => {
    const onError = vi.fn();
    const folder = await tempFolder();
    await writeFile(join(folder, 'logs'), 'a file where a folder should be');
    const { writer } = await writerIn(folder, { onError });
    writer.write(text('one'));
    await writer.flush();
    await rm(join(folder, 'logs'));
    writer.write(text('two'));
    await writer.close();
    expect(onError).toHaveBeenCalledTimes(1);
    expect(await readFile(join(folder, 'logs', 'sentry.log'), 'utf8')).toContain('written: 1');
  });
});

interface HandlePrototype {
  write: (this: unknown, ...args: unknown[]) => Promise<unknown>;
}

/** Every FileHandle's methods, to fake what a disk does. */
async function fileHandlePrototype(path: string): Promise<HandlePrototype> {
  const handle = await open(join(path, '..', '..'), 'r');
  await handle.close();
  return Object.getPrototypeOf(handle) as HandlePrototype;
}
