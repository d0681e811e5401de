import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { locatePackage } from '../../../src/servers/locate.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'locate-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function write(path: string, content: unknown): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

it('finds a package from a folder below, with the programs that Node runs', async () => {
  const root = join(dir, 'node_modules/@scope/pkg');
  const bin = { js: './dist/cli.js', shebang: 'bin/tool', native: 'bin/native', gone: 'bin/gone' };
  write('node_modules/@scope/pkg/package.json', { name: '@scope/pkg', version: '1.0.0', bin });
  write('node_modules/@scope/pkg/bin/tool', '#!/usr/bin/env -S node --no-warnings\n');
  write('node_modules/@scope/pkg/bin/native', '#!/bin/sh\necho node\n');
  mkdirSync(join(dir, 'a/b'), { recursive: true });

  expect(await locatePackage('@scope/pkg', join(dir, 'a/b'))).toEqual({
    name: '@scope/pkg',
    version: '1.0.0',
    root,
    bins: {
      js: { path: join(root, 'dist/cli.js'), node: true },
      shebang: { path: join(root, 'bin/tool'), node: true },
      native: { path: join(root, 'bin/native'), node: false },
      gone: { path: join(root, 'bin/gone'), node: false },
    },
  });
});

it('names the one program of a string `bin` after the package', async () => {
  write('node_modules/@scope/pkg/package.json', { name: '@scope/pkg', version: '1.0.0', bin: 'cli.mjs' });
  const found = await locatePackage('@scope/pkg', dir);
  expect(found?.bins).toEqual({ pkg: { path: join(dir, 'node_modules/@scope/pkg/cli.mjs'), node: true } });
});

it('prefers the nearest, and looks past a broken one', async () => {
  write('node_modules/pkg/package.json', { name: 'pkg', version: '1.0.0' });
  write('near/node_modules/pkg/package.json', { name: 'pkg', version: '2.0.0' });
  write('broken/node_modules/pkg/package.json', '{ "name": ');
  expect((await locatePackage('pkg', join(dir, 'near')))?.version).toBe('2.0.0');
  expect((await locatePackage('pkg', join(dir, 'broken')))?.version).toBe('1.0.0');
});

it('says null where nothing is installed', async () => {
  expect(await locatePackage('no-such-package-anywhere', dir)).toBeNull();
});
