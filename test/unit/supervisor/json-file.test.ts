import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { JsonFile } from '../../../src/supervisor/json-file.ts';
import { tempDir } from '../../support/temp-dir.ts';

const schema = z.object({ n: z.number() });

function jsonFile() {
  const temp = tempDir();
  const problems: string[] = [];
  const file = new JsonFile<{ n: number }>(temp.path('state.json'), (problem) => problems.push(problem));
  const content = () => readFileSync(temp.path('state.json'), 'utf8');
  return { ...temp, file, problems, content };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('reading', () => {
  it('gives what the file holds, and the fallback where there is none', () => {
    const { file, problems, write } = jsonFile();
    expect(file.read(schema, { n: 0 })).toEqual({ n: 0 });
    write('state.json', '{"n": 1}');
    expect(file.read(schema, { n: 0 })).toEqual({ n: 1 });
    expect(problems).toEqual([]);
  });

  it.each(['', '{"n": 1', '{"n": "1"}', '[]', 'null', '\0\0\0'])(
    '%j is damaged: reported, and replaced',
    (text) => {
      const { file, problems, path, write } = jsonFile();
      write('state.json', text);
      expect(file.read(schema, { n: 0 })).toEqual({ n: 0 });
      expect(problems).toEqual([`${path('state.json')} is damaged and was replaced`]);
    },
  );
});

describe('writing', () => {
  it('is put off a little, and then done once', () => {
    const { dir, file, content } = jsonFile();
    file.write({ n: 1 });
    file.write({ n: 2 });
    expect(readdirSync(dir)).toEqual([]);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(200);
    expect(content()).toBe('{"n":2}\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes after the file that it must not be ahead of', () => {
    const { file, path, content } = jsonFile();
    const other = new JsonFile<{ n: number }>(path('other.json'), () => {});
    file.behind(other);
    file.write({ n: 1 });
    vi.advanceTimersByTime(150);
    other.write({ n: 2 });
    vi.advanceTimersByTime(50);
    expect(content()).toBe('{"n":1}\n');
    expect(readFileSync(path('other.json'), 'utf8')).toBe('{"n":2}\n');
  });

  it('is put off no further by more writes', () => {
    const { file, content } = jsonFile();
    for (let n = 1; n <= 10; n++) {
      file.write({ n });
      vi.advanceTimersByTime(50);
    }
    expect(JSON.parse(content()).n).toBeGreaterThanOrEqual(5);
  });

  it('is done at once by flush, and not again', () => {
    const { dir, file, content } = jsonFile();
    file.flush();
    expect(readdirSync(dir)).toEqual([]);
    file.write({ n: 1 });
    file.flush();
    expect(content()).toBe('{"n":1}\n');
    expect(vi.getTimerCount()).toBe(0);
    rmSync(`${dir}/state.json`);
    vi.advanceTimersByTime(10_000);
    file.flush();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('replaces the file as a whole: closed to others, and with nothing left beside it', () => {
    const { dir, file, path, write } = jsonFile();
    write('state.json', 'x'.repeat(10_000));
    const before = statSync(path('state.json')).ino;
    file.write({ n: 1 });
    file.flush();
    const { ino, mode } = statSync(path('state.json'));
    expect(ino).not.toBe(before);
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['state.json']);
  });

  it('that fails is said once and tried again with the next change; nobody ends of it', () => {
    const { file, problems, path, content } = jsonFile();
    // A folder of this name cannot be replaced by a file, whoever we are.
    mkdirSync(path('state.json/x'), { recursive: true });
    for (let n = 1; n <= 3; n++) {
      file.write({ n });
      vi.advanceTimersByTime(200);
    }
    expect(problems).toEqual([expect.stringMatching(/state\.json cannot be written: /)]);
    rmSync(path('state.json'), { recursive: true });
    file.flush();
    expect(content()).toBe('{"n":3}\n');
    mkdirSync(path('other'));
    rmSync(path('state.json'));
    mkdirSync(path('state.json/x'), { recursive: true });
    file.write({ n: 4 });
    file.flush();
    expect(problems).toHaveLength(2);
  });
});
