import { expect, it } from 'vitest';
import { SupervisorError } from '../../src/errors.ts';
import { checkNames } from '../../src/names.ts';

function refusal(asked: readonly string[], known: readonly string[]): SupervisorError | null {
  try {
    checkNames(asked, known);
    return null;
  } catch (error) {
    if (error instanceof SupervisorError) return error;
    throw error;
  }
}

it('knows the names of the config; asking for none means all', () => {
  expect(refusal(['a', 'b'], ['a', 'b', 'c'])).toBeNull();
  expect(() => checkNames(null, [])).not.toThrow();
  expect(() => checkNames([], [])).not.toThrow();
});

it('refuses all others at once, with exit code 3, and names those that there are', () => {
  const error = refusal(['a', 'x', 'B', 'constructor'], ['a', 'b']);
  expect(error).toMatchObject({ code: 'server.unknown', exitCode: 3, hint: 'Did you mean b? It has: a, b.' });
  expect(error?.message).toBe('The config has no server called x, B, constructor');
  expect(refusal(['x'], [])?.hint).toBe('It has: none at all.');
});
