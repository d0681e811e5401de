import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../../../src/supervisor/last-words.ts';

/** What Node itself writes to stderr when a program ends like this. */
function stderrOf(program: string): string[] {
  const { stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

test.each([
  ['an error that nobody caught', "throw new TypeError('no such region')", /^TypeError: no such region$/],
  [
    'a rejection that nobody caught',
    "Promise.reject(new Error('no such region'))",
    /^Error: no such region$/,
  ],
  ['a missing module', "require('./missing.js')", /^Error: Cannot find module '\.\/missing\.js'/],
  [
    'an error with properties',
    "throw Object.assign(new Error('no such region'), { code: 'E_X' })",
    /^Error: no such region \| code: 'E_X'$/,
  ],
  [
    'output before the error',
    "console.error('starting'); throw new Error('no such region')",
    /^Error: no such region$/,
  ],
])('%s is quoted, and not its stack', (_, program, expected) => {
  expect(quote(stderrOf(program))).toMatch(expected);
});

test('where no error ends the output, the last three lines are quoted', () => {
  expect(quote(['Error: retrying', 'one', 'two', 'three'])).toBe('one | two | three');
  expect(quote(['Error: no token was given', 'Log in first'])).toBe(
    'Error: no token was given | Log in first',
  );
  expect(quote([])).toBe('');
});

test('long lines are cut: an error at its end, other output at its beginning', () => {
  const long = 'x'.repeat(1_000);
  expect(quote([`Error: ${long}`, 'Node.js v20.20.2'])).toBe(`Error: ${'x'.repeat(393)}`);
  expect(quote([`${long} the end`])).toBe(`${'x'.repeat(392)} the end`);
});
