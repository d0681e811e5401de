import { expect, it } from 'vitest';
import { nearest } from '../../src/nearest.ts';

const SERVERS = ['sentry', 'everything', 'web', 'Mail'];

it.each([
  ['sentyr', 'sentry'],
  ['entry', 'sentry'],
  ['seentry', 'sentry'],
  ['sendry', 'sentry'],
  ['SENTRY', 'sentry'],
  ['evreythign', 'everything'],
  ['mial', 'Mail'],
  ['wbe', 'web'],
  ['centers', null],
  ['wxy', null],
  ['x', null],
  ['', null],
])('%s: %s', (word, candidate) => {
  expect(nearest(word, SERVERS)).toBe(candidate);
});

it('prefers the nearer one, and of two that are as near the first', () => {
  expect(nearest('mails', ['mailer', 'mail'])).toBe('mail');
  expect(nearest('mai', ['mail', 'main'])).toBe('mail');
  expect(nearest('mail', [])).toBeNull();
});
