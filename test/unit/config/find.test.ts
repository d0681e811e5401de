import { mkdirSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configNotFound, lookForConfig } from '../../../src/config/find.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('lookForConfig', () => {
  const notFound = (cwd: string, explicit?: string) =>
    lookForConfig(cwd, explicit) ?? configNotFound(cwd, explicit).message;

  it('prefers TypeScript, then JavaScript, then JSON', () => {
    const { dir, path, write } = tempDir();
    for (const extension of ['json', 'mjs', 'js', 'mts', 'ts']) {
      write(`ecosystem.config.${extension}`, '');
      expect(lookForConfig(dir)).toBe(path(`ecosystem.config.${extension}`));
    }
  });

  it('takes the file that is named, relative to the folder or absolute', () => {
    const { dir, path, write } = tempDir();
    write('ecosystem.config.ts', '');
    const named = write('sub/other.ts', '');
    expect(lookForConfig(dir, 'sub/other.ts')).toBe(named);
    expect(lookForConfig('/', named)).toBe(named);
    expect(notFound(dir, 'sub/none.ts')).toBe(`There is no file ${path('sub/none.ts')}`);
    expect(notFound(dir, path('none.ts'))).toBe(`There is no file ${path('none.ts')}`);
  });

  it('says where it looked, and for what', () => {
    const { dir } = tempDir();
    expect(notFound(dir)).toMatch(`There is no config in ${dir}: looked for ecosystem.config.ts, `);
  });

  it('does not take a folder or a dead link for a file', () => {
    const { dir, path } = tempDir();
    mkdirSync(path('ecosystem.config.ts'));
    symlinkSync('nowhere', path('ecosystem.config.json'));
    expect(notFound(dir)).toContain('There is no config');
    expect(notFound(dir, 'ecosystem.config.ts')).toContain('There is no file');
  });
});
