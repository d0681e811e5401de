import { expect, it } from 'vitest';
import type { CliContext } from '../../../../src/cli/context.ts';
import { paintFor, serverStyle } from '../../../../src/cli/render/paint.ts';

const painted = (env: Record<string, string>, isTty: boolean) =>
  paintFor({ env } as unknown as CliContext, { isTty, write: () => {} })('red', 'x');

it('colours a terminal, and nothing else', () => {
  expect(painted({}, true)).toBe('\u001b[31mx\u001b[39m');
  expect(painted({}, false)).toBe('x');
});

it.each([
  [{ NO_COLOR: '1' }, 'x'],
  [{ NO_COLOR: '0' }, 'x'],
  [{ NO_COLOR: '' }, '\u001b[31mx\u001b[39m'],
  [{ TERM: 'dumb' }, 'x'],
  [{ TERM: 'xterm' }, '\u001b[31mx\u001b[39m'],
])('goes by the environment: %j', (env: Record<string, string>, expected) => {
  expect(painted(env, true)).toBe(expected);
});

it.each([
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '' }, true],
  [{ FORCE_COLOR: '3', NO_COLOR: '1', TERM: 'dumb' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: 'false' }, false],
])('FORCE_COLOR beats what the terminal is: %j', (env: Record<string, string>, coloured) => {
  for (const isTty of [true, false]) expect(painted(env, isTty) !== 'x').toBe(coloured);
});

it('gives a server the same colour in every run, and others other ones', () => {
  expect(serverStyle('mail')).toBe(serverStyle('mail'));
  const styles = new Set(['sentry', 'everything', 'mail', 'web', 'a', 'b', 'c'].map(serverStyle));
  expect(styles.size).toBeGreaterThan(2);
  // They mean warnings and errors.
  for (const style of ['red', 'yellow']) expect(styles).not.toContain(style);
  expect(serverStyle('')).toBeDefined();
});
