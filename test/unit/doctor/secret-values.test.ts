import { expect, it } from 'vitest';
import { isSecretValue } from '../../../src/doctor/secret-values.ts';

it.each([
  ['SENTRY_AUTH_TOKEN', 'sntryu_0123456789abcdef'],
  ['ANY', '0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['ANY', 'c1f4a0de-93b5-4f0e-8f53-0a1b2c3d4e5f'],
  ['ANY', 'Zk39Qw2xLm47'],
  ['ANY', 'sk-proj-a8F2kd93Jx01mQ'],
  ['DB_PASSWORD', 'correcthorsebattery'],
  ['DATABASE_URL', 'postgres://me:s3cr3t@db.example.com/app'],
  ['KEY', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'],
])('%s=%s is a secret', (name, value) => expect(isSecretValue(name, value)).toBe(true));

it.each([
  ['MODE', 'production'],
  ['SENTRY_HOST', 'sentry.example.com'],
  ['ANY', 'sentry2.example.com'],
  ['SENTRY_ORGANIZATION_SLUG', 'my-organisation-2a3b4c5d'],
  ['SENTRY_ORGANIZATION_SLUG', 'a1c2m3e4w5x6'],
  ['SENTRY_DSN', 'https://0f1e2d3c4b5a69788796a5b4c3d2e1f0@o1.ingest.sentry.io/1'],
  ['URL', 'https://example.com/a1b2c3d4e5f6'],
  ['FILE', '/home/me/a1b2c3d4e5f6'],
  ['MAIL', 'a1b2c3d4e5f6@example.com'],
  ['DAY', '2026-11-25'],
  ['NAME', 'production1'],
  ['API_TOKEN', 'changeme'],
  ['API_TOKEN', '<your token here>'],
  ['API_TOKEN', 'sntryu_xxxxxxxxxxxxx'],
  ['PORT', '7420'],
  ['SHORT', 'aB3dE5'],
])('%s=%s is none', (name, value) => expect(isSecretValue(name, value)).toBe(false));
