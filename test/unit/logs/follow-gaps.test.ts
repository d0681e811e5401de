import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { followLogs } from '../../../src/logs/follow.ts';
import { tempFolder, text } from './records.ts';

it('a log that is missing from the list for a while, as during its rotation, goes on where it stopped', async () => {
  const path = join(await tempFolder(), 'sentry.log');
  const file = { server: 'sentry', path };
  let listed = [file];
  const asked = vi.fn(() => listed);
  const abort = new AbortController();
  const lines: string[] = [];
  await writeFile(path, text('one', 'two'));
  const ended = (async () => {
    for await (const { line } of followLogs(asked, { from: new Map(), signal: abort.signal }))
      lines.push(line);
  })();
  await vi.waitFor(() => expect(lines).toEqual(['one', 'two']));
  listed = [];
  await rename(path, `${path}.1`);
  const before = asked.mock.calls.length;
  await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(before + 1));
  await appendFile(`${path}.1`, text('three'));
  await writeFile(path, text('four'));
  listed = [file];
  await vi.waitFor(() => expect(lines).toContain('four'));
  abort.abort();
  await ended;
  expect(lines).toEqual(['one', 'two', 'three', 'four']);
});
