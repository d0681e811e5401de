import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listParts, openPart, rotatedPath } from '../../../src/logs/rotated-files.ts';
import { tempFolder } from './records.ts';

const FILES = 30;
const MORE = 100;

it('a file is opened however often it is moved on meanwhile', async () => {
  const path = join(await tempFolder(), 'sentry.log');
  for (let index = 0; index < FILES; index++) await writeFile(rotatedPath(path, index), `${index}`);
  const parts = await listParts(path);
  let moving = true;
  const mover = (async () => {
    for (let first = 0; first < MORE; first++) {
      for (let index = first + FILES - 1; index >= first; index--) {
        await rename(rotatedPath(path, index), rotatedPath(path, index + 1));
      }
    }
    moving = false;
  })();
  const notFound: number[] = [];
  const all = parts.map(async ({ ino, index }) => {
    while (moving) {
      const file = await openPart(path, ino);
      if ((await file?.readFile('utf8')) !== `${index}`) notFound.push(index);
      await file?.close();
    }
  });
  await Promise.all([mover, ...all]);
  expect(notFound).toEqual([]);
});
