import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CliContext } from '../../../src/cli/context.ts';
import { type Progress, withProgress } from '../../../src/cli/progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Something that is waited for until the test ends it, and what stderr has got. */
function waiting(terminal: { isTty: boolean; columns?: number }, env: Record<string, string> = {}) {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const err = { ...terminal, write };
  let end = { done: (_: number) => {}, failed: (_: Error) => {} };
  let progress: Progress | null = null;
  const result = withProgress({ err, env } as unknown as CliContext, 'Waiting', (own) => {
    progress = own;
    return new Promise<number>((done, failed) => {
      end = { done, failed };
    });
  });
  if (progress === null) throw new Error('it was not begun');
  return { result, end: () => end, progress: progress as Progress, text: () => text };
}

const TTY = { isTty: true, columns: 80 };
const ERASE = '\r\u001b[K';

it('what is done within half a second shows nothing', async () => {
  const { result, end, text } = waiting(TTY);
  vi.advanceTimersByTime(499);
  end().done(1);
  expect(await result).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(text()).toBe('');
});

it('one line, which counts the seconds, and is gone at the end', async () => {
  const { result, end, text, progress } = waiting(TTY);
  vi.advanceTimersByTime(1_600);
  expect(text()).toBe(`${ERASE}Waiting … 0 s${ERASE}Waiting … 1 s`);
  progress.about('Waiting for web');
  progress.about('Waiting for web');
  expect(text().endsWith(`1 s${ERASE}Waiting for web … 1 s`)).toBe(true);
  end().done(1);
  await result;
  vi.advanceTimersByTime(10_000);
  expect(text().endsWith(`web … 1 s${ERASE}`)).toBe(true);
});

it('is gone after a failure, too', async () => {
  const { result, end, text } = waiting(TTY);
  vi.advanceTimersByTime(600);
  end().failed(new Error('no'));
  await expect(result).rejects.toThrow('no');
  expect(text()).toBe(`${ERASE}Waiting … 0 s${ERASE}`);
  expect(vi.getTimerCount()).toBe(0);
});

it('what is written stands above it', () => {
  const { progress, text } = waiting(TTY);
  progress.write('early\n');
  expect(text()).toBe('early\n');
  vi.advanceTimersByTime(600);
  progress.write('late\n');
  expect(text()).toBe(`early\n${ERASE}Waiting … 0 s${ERASE}late\n${ERASE}Waiting … 0 s`);
});

it.each([
  [10, 'Waiting … '.slice(0, 9)],
  [0, 'Waiting … 0 s'],
])('fits into a terminal of %d columns', (columns, line) => {
  const { text } = waiting({ isTty: true, columns });
  vi.advanceTimersByTime(600);
  expect(text()).toBe(`${ERASE}${line}`);
});

it.each<[string, boolean, Record<string, string>]>([
  ['no terminal', false, {}],
  ['one that cannot erase', true, { TERM: 'dumb' }],
])('%s: nothing but what is written', async (_, isTty, env) => {
  const { result, end, progress, text } = waiting({ isTty }, env);
  vi.advanceTimersByTime(5_000);
  progress.about('x');
  progress.write('web: ready\n');
  end().done(1);
  await result;
  expect(text()).toBe('web: ready\n');
});
