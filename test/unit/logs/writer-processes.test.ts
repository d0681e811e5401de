import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LogTail } from '../../../src/logs/tail.ts';
import { tempFolder } from './records.ts';

const LINES = 50_000;
const PROGRAM = join(import.meta.dirname, 'numbered-lines.ts');

it('three processes write one log: every line is there once, whole, each writer in order', async () => {
  const folder = await tempFolder();
  const path = join(folder, 'sentry.log');
  const run = (generation: number) =>
    promisify(execFile)(
      process.execPath,
      ['--import', import.meta.resolve('jiti/register'), PROGRAM, path, String(generation), String(LINES)],
      // It would leave what it compiled in the temp folder.
      { env: { ...process.env, JITI_FS_CACHE: 'false' } },
    );
  const tail = new LogTail(path);
  const followed = new Map([1, 2, 3].map((generation) => [generation, [] as string[]]));
  let writing = true;
  const written = Promise.all([1, 2, 3].map(run)).finally(() => {
    writing = false;
  });
  for (let over = false; !over; ) {
    const last = !writing;
    const { records, done } = await tail.read();
    for (const { generation, line } of records) followed.get(generation)?.push(line);
    over = last && done;
  }
  await written;
  await tail.close();

  const numbered = Array.from({ length: LINES }, (_, n) => `line ${n}`);
  const inFiles = await readGenerations(folder);
  for (const generation of [1, 2, 3]) {
    expect(inFiles.get(generation)).toEqual(numbered);
    expect(followed.get(generation)).toEqual(numbered);
  }
  expect(await readdir(folder)).not.toContain('sentry.log.lock');
}, 120_000);

/** Read without the code under test: a torn line would not parse. */
async function readGenerations(folder: string): Promise<Map<number, string[]>> {
  const index = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  const names = (await readdir(folder)).sort((a, b) => index(b) - index(a));
  expect(names.length).toBeGreaterThan(20);
  const lines = new Map<number, string[]>();
  for (const name of names) {
    for (const json of (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')) {
      const { generation, line } = JSON.parse(json) as { generation: number; line: string };
      const of = lines.get(generation);
      if (of === undefined) lines.set(generation, [line]);
      else of.push(line);
    }
  }
  return lines;
}
