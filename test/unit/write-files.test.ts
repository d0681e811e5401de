import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readText, writeFiles } from '../../src/write-files.ts';
import { tempDir } from '../support/temp-dir.ts';

const making = (path: string, after: string) => ({ path, before: null, after });

it('makes a file with its mode, and the folders above it', () => {
  const { dir } = tempDir();
  const path = join(dir, 'a/b/.env');
  writeFiles([{ ...making(path, 'A=1\n'), mode: 0o600 }]);
  expect(readText(path)).toBe('A=1\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('keeps the mode of a file that is there', () => {
  const { dir, write } = tempDir();
  write('file', 'old');
  chmodSync(join(dir, 'file'), 0o640);
  writeFiles([{ path: join(dir, 'file'), before: 'old', after: 'new', mode: 0o600 }]);
  expect(statSync(join(dir, 'file')).mode & 0o777).toBe(0o640);
});

it.each([
  ['what it leads to is there', true],
  ['what it leads to is not there yet', false],
])('a symlink stays one, also through a linked folder: %s', (_, isThere) => {
  const { dir, write } = tempDir();
  mkdirSync(join(dir, 'dotfiles/deep'), { recursive: true });
  mkdirSync(join(dir, 'project'));
  symlinkSync('dotfiles/deep', join(dir, 'short'));
  symlinkSync('../env', join(dir, 'dotfiles/deep/link'));
  symlinkSync('../short/link', join(dir, 'project/.env'));
  if (isThere) write('dotfiles/env', 'old');
  writeFiles([making(join(dir, 'project/.env'), 'new')]);
  expect(readlinkSync(join(dir, 'project/.env'))).toBe('../short/link');
  expect(lstatSync(join(dir, 'dotfiles/deep/link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(dir, 'dotfiles/env'), 'utf8')).toBe('new');
});

it('all or nothing: where one cannot be written, none is changed, and it says which', () => {
  const { dir, write } = tempDir();
  write('first', 'old');
  write('file', '');
  symlinkSync('loop', join(dir, 'loop'));
  for (const wrong of ['file/below', 'loop']) {
    const changes = [
      { path: join(dir, 'first'), before: 'old', after: 'new' },
      making(join(dir, wrong), 'x'),
    ];
    expect(() => writeFiles(changes)).toThrow(
      expect.objectContaining({
        code: 'files.unusable',
        message: expect.stringMatching(/^Nothing was changed: .*(?:file|loop)/),
      }),
    );
    expect(readText(join(dir, 'first'))).toBe('old');
  }
  expect(readdirSync(dir).sort()).toEqual(['file', 'first', 'loop']);
});
