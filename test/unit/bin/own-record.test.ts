import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { keepOwnRecord } from '../../../src/bin/own-record.ts';
import { identify } from '../../../src/runner/process-group.ts';
import { tempDir } from '../../support/temp-dir.ts';

const LONGER_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});

function kept() {
  const { path, dir } = tempDir();
  mkdirSync(path('state'));
  const file = path('state/keeper.json');
  const onLost = vi.fn();
  const stop = keepOwnRecord(file, onLost);
  onTestFinished(() => {
    stop();
    vi.useRealTimers();
  });
  return { dir, path, file, onLost, stop };
}

it('is written at once, and nothing is lost while it is there', () => {
  const { file, onLost } = kept();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(identify(process.pid));
  vi.advanceTimersByTime(LONGER_MS);
  expect(onLost).not.toHaveBeenCalled();
});

it.each<[string, (record: ReturnType<typeof kept>) => void]>([
  ['it is removed', ({ file }) => rmSync(file)],
  ['its folder is moved', ({ path }) => renameSync(path('state'), path('elsewhere'))],
  [
    'its folder is a file',
    ({ path }) => {
      rmSync(path('state'), { recursive: true });
      writeFileSync(path('state'), '');
    },
  ],
  ['it names somebody else', ({ file }) => writeFileSync(file, '{"pid":1,"startTime":"1"}')],
])('is lost, once, when %s', (_, lose) => {
  const record = kept();
  lose(record);
  vi.advanceTimersByTime(LONGER_MS);
  expect(record.onLost).toHaveBeenCalledOnce();
});

it('is lost where it could not be written in the first place', () => {
  const onLost = vi.fn();
  keepOwnRecord(`${tempDir().dir}/gone/keeper.json`, onLost);
  vi.advanceTimersByTime(LONGER_MS);
  expect(onLost).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

it('is not lost because it cannot be read just now', () => {
  const { file, onLost } = kept();
  rmSync(file);
  mkdirSync(file);
  vi.advanceTimersByTime(LONGER_MS);
  expect(onLost).not.toHaveBeenCalled();
});

it('is not looked for any more once that is stopped, twice too', () => {
  const { file, onLost, stop } = kept();
  stop();
  stop();
  rmSync(file);
  vi.advanceTimersByTime(LONGER_MS);
  expect(onLost).not.toHaveBeenCalled();
});
