import { expect, it } from 'vitest';
import { secretValues } from '../../../src/supervisor/secret-values.ts';

it.each(['sentry.example.com', 'https://sentry.example.com/', '127.0.0.1:9000'])(
  'where the Sentry is is no secret: %s',
  (host) => {
    expect(secretValues({ SENTRY_HOST: host, KEY: 'canary-secret' })).toEqual(['canary-secret']);
  },
);

it('the same value of another variable is one', () => {
  expect(secretValues({ SENTRY_ORGANIZATION_SLUG: 'acme-acme', PASSWORD: 'acme-acme' })).toEqual([
    'acme-acme',
  ]);
});

it.each(['user:canary@sentry.example.com', 'canary with words', 'ab'.repeat(32)])(
  'so is what is no host, whatever it is called: %s',
  (value) => {
    expect(secretValues({ SENTRY_HOST: value })).toEqual([value]);
  },
);
