import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ignoreAddition, ignorePattern } from '../../../src/doctor/ignore-text.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('ignorePattern', () => {
  it.each([
    ['.env', '.env'],
    ['a/.env', '/a/.env'],
    ['#x', '\\#x'],
    ['!x', '\\!x'],
    ['a*b[c]?', 'a\\*b\\[c\\]\\?'],
    ['end ', 'end\\ '],
    ['back\\slash', 'back\\\\slash'],
  ])('%s', (path, pattern) => expect(ignorePattern(path)).toBe(pattern));

  it.each(['a\nb', 'a\rb'])('no line can name %j', (path) => expect(ignorePattern(path)).toBeNull());

  it('is understood by the real git, for any name', () => {
    const { dir, write } = tempDir();
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: dir, env: { PATH: process.env['PATH'] } });
    git('init', '-q');
    const name = fc
      .string({ unit: fc.constantFrom(...'ab*?[]!#\\ \t:().-'), minLength: 1, maxLength: 6 })
      .filter((text) => !/^\.{1,2}$/.test(text) && text !== '.git');
    fc.assert(
      fc.property(name, (text) => {
        write('.gitignore', ignoreAddition('', ignorePattern(text) ?? ''));
        const input = `./${text}\0./other\0`;
        const out = execFileSync('git', ['check-ignore', '--no-index', '-z', '--stdin'], {
          cwd: dir,
          env: { PATH: process.env['PATH'] },
          input,
        });
        expect(out.toString()).toBe(`./${text}\0`);
      }),
      { numRuns: 60 },
    );
  });
});

describe('ignoreAddition keeps what is there, ends lines as it does, and adds one line', () => {
  it('for any text', () => {
    const line = fc.constantFrom('a', '', 'dist/', '# x', ' ');
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean(), (lines, eol, ends) => {
        const text = lines.join(eol) + (ends && lines.length > 0 ? eol : '');
        const after = text + ignoreAddition(text, '.env');
        const added = after.split(/\r?\n/);
        expect(added.slice(-2)).toEqual(['.env', '']);
        expect(after.replaceAll('\r\n', '').includes('\n')).toBe(!text.includes('\r\n'));
        // One that has nothing but blank lines needs no other.
        if (text.trim() !== '') expect(added.at(-3)?.trim()).toBe('');
      }),
    );
  });

  it.each([
    ['', '.env\n'],
    ['a', 'a\n\n.env\n'],
    ['a\n', 'a\n\n.env\n'],
    ['a\n\n', 'a\n\n.env\n'],
    ['a\r\n', 'a\r\n\r\n.env\r\n'],
    ['\n', '\n.env\n'],
  ])('%j', (text, after) => expect(text + ignoreAddition(text, '.env')).toBe(after));
});
