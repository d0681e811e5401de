import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FileWatch } from '../../../src/config/watch.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';

/** Within so much time saves are certain to be one change. */
const QUICK_MS = 70;

interface Watching {
  readonly watch: FileWatch;
  readonly changes: readonly (readonly string[])[];
  /** Waits until so many changes have been told. */
  readonly told: (count: number) => Promise<void>;
}

function watching(...paths: string[]): Watching {
  const changes: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const watch = new FileWatch(paths, {
    onChange: (changed) => changes.push(changed),
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    await watch.close();
    expect(errors).toEqual([]);
  });
  const told = async (count: number) => {
    await until(`${count} changes`, () => changes.length >= count);
  };
  return { watch, changes, told };
}

/** Saves as editors do: the new text appears under the old name at once. */
function saveByRename(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function pointLink(link: string, target: string): void {
  symlinkSync(target, `${link}.new`);
  renameSync(`${link}.new`, link);
}

interface Case {
  readonly what: string;
  readonly prepare: (temp: TempDir) => void;
  /** The change; it can be made again, from 1 on. */
  readonly change: (temp: TempDir, round: number) => void;
}

const CASES: readonly Case[] = [
  {
    what: 'a save in place',
    prepare: ({ write }) => write('.env', 'A=0'),
    change: ({ write }, round) => write('.env', `A=${round}`),
  },
  {
    what: 'a save by rename',
    prepare: ({ write }) => write('.env', 'A=0'),
    change: ({ path }, round) => saveByRename(path('.env'), `A=${round}`),
  },
  {
    what: 'a save of the file behind a link',
    prepare: ({ path, write }) => {
      write('real/.env', 'A=0');
      symlinkSync('real/.env', path('.env'));
    },
    change: ({ path }, round) => saveByRename(path('real/.env'), `A=${round}`),
  },
  {
    what: 'a link that leads elsewhere',
    prepare: ({ path, write }) => {
      write('target0', '');
      write('target1', '');
      symlinkSync('target0', path('.env'));
    },
    change: ({ path }, round) => pointLink(path('.env'), `target${round % 2}`),
  },
  {
    what: 'the swap of ..data, as Kubernetes does it',
    prepare: ({ path, write }) => {
      write('..2026_0/.env', 'A=0');
      symlinkSync('..2026_0', path('..data'));
      symlinkSync('..data/.env', path('.env'));
    },
    change: ({ path, write }, round) => {
      write(`..2026_${round}/.env`, 'A=0');
      pointLink(path('..data'), `..2026_${round}`);
      rmSync(path(`..2026_${round - 1}`), { recursive: true });
    },
  },
  {
    what: 'a file that goes, or comes again',
    prepare: ({ write }) => write('.env', 'A=0'),
    change: ({ path, write }, round) => (round % 2 === 1 ? unlinkSync(path('.env')) : write('.env', 'A=0')),
  },
  {
    what: 'a file that comes, or goes again',
    prepare: () => {},
    change: ({ path, write }, round) => (round % 2 === 1 ? write('.env', 'A=0') : unlinkSync(path('.env'))),
  },
  {
    what: 'a file in a folder that was not there',
    prepare: () => {},
    change: ({ write }, round) => write('config/.env', `A=${round}`),
  },
];

const watchedIn = ({ path }: TempDir, { what }: Case) =>
  path(what.includes('folder') ? 'config/.env' : '.env');

describe.each(CASES)('$what', (one) => {
  afterEach(() => void vi.useRealTimers());

  it('is one change', async () => {
    const temp = tempDir();
    one.prepare(temp);
    const watched = watchedIn(temp, one);
    const { changes, told } = watching(watched, temp.path('other'));
    one.change(temp, 1);
    await told(1);
    temp.write('other', 'the next change');
    await told(2);
    expect(changes).toEqual([[watched], [temp.path('other')]]);
  });

  it('is seen when it happens, and not only at the next look; also the second and the third time', async () => {
    // Without the look that is taken every second.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const temp = tempDir();
    one.prepare(temp);
    const { told } = watching(watchedIn(temp, one), temp.path('other'));
    for (const round of [1, 2, 3]) {
      one.change(temp, round);
      await told(round);
    }
  });
});

describe('several saves', () => {
  it.each([
    ['in place', ({ path }: TempDir, text: string) => writeFileSync(path('.env'), text)],
    ['by rename', ({ path }: TempDir, text: string) => saveByRename(path('.env'), text)],
    [
      'each of which truncates the file first',
      ({ path }: TempDir, text: string) => {
        writeFileSync(path('.env'), '');
        writeFileSync(path('.env'), text);
      },
    ],
    [
      'each of which removes the file first',
      ({ path }: TempDir, text: string) => {
        rmSync(path('.env'), { force: true });
        writeFileSync(path('.env'), text);
      },
    ],
  ])('%s are one change, told when the last of them is there', async (_, save) => {
    const temp = tempDir();
    const file = temp.write('.env', 'A=0');
    const seen: string[] = [];
    const watch = new FileWatch([file], {
      onChange: () => seen.push(readFileSync(file, 'utf8')),
      onError: (error) => seen.push(String(error)),
    });
    onTestFinished(() => watch.close());
    await until('three saves without a pause', async () => {
      seen.length = 0;
      const startedAt = performance.now();
      for (const text of ['A=1', 'A=2', 'A=3']) {
        save(temp, text);
        await sleep(10);
      }
      const tookMs = performance.now() - startedAt;
      await until('the change', () => seen.length > 0);
      return tookMs < QUICK_MS;
    });
    save(temp, 'A=4');
    await until('the next change', () => seen.includes('A=4'));
    expect(seen).toEqual(['A=3', 'A=4']);
  });

  it('of two files are one change of both', async () => {
    const { path, write } = tempDir();
    const { changes, told } = watching(write('.env', ''), write('.env.local', ''));
    write('.env', 'A=1');
    write('.env.local', 'A=2');
    await told(1);
    expect(changes).toEqual([[path('.env'), path('.env.local')]]);
  });
});

describe('what is watched', () => {
  it('can be changed; nothing is lost of what stays', async () => {
    const { path, write } = tempDir();
    const { watch, changes, told } = watching(write('old', ''), write('kept', ''));
    write('kept', 'changed before');
    watch.update([path('kept'), path('new')]);
    await told(1);
    write('old', 'nobody asks any more');
    write('new', 'changed after');
    await told(2);
    expect(changes).toEqual([[path('kept')], [path('new')]]);
  });

  it('follows a link to where it leads now', async () => {
    const { path, write } = tempDir();
    write('first/.env', '');
    write('second/.env', '');
    symlinkSync('first', path('link'));
    const { changes, told } = watching(path('link/.env'));
    pointLink(path('link'), 'second');
    await told(1);
    write('second/.env', 'A=1');
    await told(2);
    write('first/.env', 'nobody asks any more');
    write('second/.env', 'A=22');
    await told(3);
    expect(changes).toEqual([[path('link/.env')], [path('link/.env')], [path('link/.env')]]);
  });

  it('is let go of by close', async () => {
    const { path, write } = tempDir();
    const closed = watching(write('.env', ''));
    const open = watching(path('.env'));
    await closed.watch.close();
    write('.env', 'A=1');
    await open.told(1);
    expect(closed.changes).toEqual([]);
  });

  it('may come into a folder that is made first', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { path, write } = tempDir();
    const { changes, told } = watching(path('config/deep/.env'), path('other'));
    write('other', '');
    await told(1);
    mkdirSync(path('config/deep'), { recursive: true });
    let text = '';
    // The folder has to be noticed before the file can be.
    await until('the file is seen', () => {
      text += 'x';
      write('config/deep/.env', text);
      return changes.length > 1;
    });
  });
});

describe('by the clock', () => {
  // Nothing here awaits, so no event comes in between: only the looks count.
  function clocked() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { write } = tempDir();
    let text = '';
    const save = () => {
      text += 'x';
      return write('.env', text);
    };
    return { ...watching(save()), save };
  }

  it('a change is told after 80 ms without another one', () => {
    const { changes, save } = clocked();
    save();
    vi.advanceTimersByTime(1_000 + 79);
    expect(changes).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(changes).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(changes).toHaveLength(1);
  });

  it('a save at the last moment belongs to the change', () => {
    const { changes, save } = clocked();
    save();
    vi.advanceTimersByTime(1_000 + 79);
    save();
    vi.advanceTimersByTime(80);
    expect(changes).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(changes).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(changes).toHaveLength(1);
  });

  it('saves that never end are told of every second', () => {
    const { changes, save } = clocked();
    for (let ms = 0; ms < 10_000; ms += 10) {
      save();
      vi.advanceTimersByTime(10);
    }
    expect(changes.length).toBeGreaterThanOrEqual(4);
    expect(changes.length).toBeLessThanOrEqual(10);
  });

  it('a change that was about to be told is not told after close', async () => {
    const { watch, changes, save } = clocked();
    save();
    vi.advanceTimersByTime(1_000);
    const closing = watch.close();
    vi.advanceTimersByTime(10_000);
    await closing;
    expect(changes).toEqual([]);
  });
});
