import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { identify } from '../../../src/runner/process-group.ts';
import { withLock } from '../../../src/supervisor/lock.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { HANG_MS } from '../../support/until.ts';

const NEVER = new AbortController().signal;

function lockIn({ path }: ReturnType<typeof tempDir>) {
  const file = path('lock');
  return {
    file,
    lock: <T>(work: () => Promise<T>, { timeoutMs = HANG_MS, signal = NEVER } = {}) =>
      withLock(file, { timeoutMs, signal }, work),
  };
}

/** Work that goes on until it is told to end. */
function gate() {
  const { promise, resolve } = withResolver();
  return { open: resolve, work: () => promise };
}

function withResolver() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('a lock that is free', () => {
  it('is held while the work goes on, and gone afterwards with everything beside it', async () => {
    const temp = tempDir();
    const { file, lock } = lockIn(temp);
    const result = await lock(async () => {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(identify(process.pid));
      expect(readdirSync(temp.dir)).toEqual(['lock']);
      if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
      return 'done';
    });
    expect(result).toBe('done');
    expect(readdirSync(temp.dir)).toEqual([]);
  });

  it('is given back by work that fails', async () => {
    const temp = tempDir();
    const { lock } = lockIn(temp);
    await expect(lock(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(temp.dir)).toEqual([]);
    expect(await lock(async () => 'again')).toBe('again');
  });
});

describe('a lock that is held by a process that lives', () => {
  it('is waited for', async () => {
    const { lock } = lockIn(tempDir());
    const { open, work } = gate();
    const done: string[] = [];
    const first = lock(work).then(() => done.push('first'));
    const second = lock(async () => done.push('second'));
    // Long enough for one that does not wait.
    await new Promise((resolve) => setImmediate(resolve));
    open();
    await Promise.all([first, second]);
    expect(done).toEqual(['first', 'second']);
  });

  it('is held by one at a time', async () => {
    const { lock } = lockIn(tempDir());
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => lock(work)));
  });

  it('is left alone when the time is over, and its holder is named', async () => {
    const { write, dir } = tempDir();
    const file = write('lock', JSON.stringify(identify(process.pid)));
    const before = statSync(file, { bigint: true }).ctimeNs;
    const waiting = withLock(file, { timeoutMs: 0, signal: NEVER }, () =>
      Promise.reject(new Error('was run')),
    );
    await expect(waiting).rejects.toMatchObject({
      code: 'lock.busy',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(readdirSync(dir)).toEqual(['lock']);
    // Not even moved away for a moment, in which somebody else could take it.
    expect(statSync(file, { bigint: true }).ctimeNs).toBe(before);
  });

  it('is waited for no longer when the caller is interrupted', async () => {
    const { write, dir } = tempDir();
    const file = write('lock', JSON.stringify(identify(process.pid)));
    const interrupt = new AbortController();
    const waiting = withLock(file, { timeoutMs: HANG_MS, signal: interrupt.signal }, () =>
      Promise.reject(new Error('was run')),
    );
    interrupt.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(dir)).toEqual(['lock']);
  });
});

describe('a lock whose holder is gone', () => {
  it.each([
    ['was another process under the same id', JSON.stringify({ ...identify(process.pid), startTime: '1' })],
    ['does not run any more', JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' })],
    ['died while it wrote', '{"pid": '],
    ['wrote nothing', ''],
    ['wrote what nobody knows', 'null'],
  ])('is taken over: it %s', async (_, holder) => {
    const temp = tempDir();
    temp.write('lock', holder);
    const { lock } = lockIn(temp);
    expect(await lock(async () => 'done', { timeoutMs: 10_000 })).toBe('done');
    expect(readdirSync(temp.dir)).toEqual([]);
  });

  it('is taken over by one at a time', async () => {
    const temp = tempDir();
    temp.write('lock', JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1' }));
    const { lock } = lockIn(temp);
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => lock(work)));
    expect(readdirSync(temp.dir)).toEqual([]);
  });
});
