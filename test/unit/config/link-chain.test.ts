import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { linkChain } from '../../../src/config/link-chain.ts';
import { tempDir } from '../../support/temp-dir.ts';

it('is the file itself where there is no link, whether it exists or not', () => {
  const { path, write } = tempDir();
  expect(linkChain(write('a', ''))).toEqual([path('a')]);
  expect(linkChain(path('none/of/these'))).toEqual([path('none/of/these')]);
  expect(linkChain(path('a/below'))).toEqual([path('a/below')]);
});

it('holds every link on the way, and where they lead', () => {
  const { path, write } = tempDir();
  write('real/file', '');
  symlinkSync('real', path('folder'));
  symlinkSync('folder/file', path('relative'));
  symlinkSync(path('relative'), path('absolute'));
  expect(linkChain(path('absolute'))).toEqual([
    path('absolute'),
    path('relative'),
    path('folder'),
    path('real/file'),
  ]);
});

it('holds the link that Kubernetes swaps', () => {
  const { path, write } = tempDir();
  write('..2026_01/.env', '');
  symlinkSync('..2026_01', path('..data'));
  symlinkSync('..data/.env', path('.env'));
  expect(linkChain(path('.env'))).toEqual([path('.env'), path('..data'), path('..2026_01/.env')]);
});

it('goes through a link upwards', () => {
  const { path, write } = tempDir();
  write('file', '');
  mkdirSync(path('below'));
  symlinkSync('../file', path('below/link'));
  expect(linkChain(path('below/link'))).toEqual([path('below/link'), path('file')]);
});

it('ends where a link leads nowhere, or in a circle', () => {
  const { path } = tempDir();
  symlinkSync('nowhere/file', path('dead'));
  expect(linkChain(path('dead'))).toEqual([path('dead'), path('nowhere/file')]);
  symlinkSync('b', path('a'));
  symlinkSync('a', path('b'));
  expect([...new Set(linkChain(path('a')))].sort()).toEqual([path('a'), path('b')]);
});
