import { expect, it } from 'vitest';
import { Secrets } from '../../../src/supervisor/secrets.ts';

it('hides every value that it has ever been told, also one that was rotated away', () => {
  const secrets = new Secrets();
  secrets.add(['first-secret']);
  secrets.add(['second-secret']);
  secrets.add([]);
  expect(secrets.redact('first-secret second-secret third-secret')).toBe(
    '[redacted] [redacted] third-secret',
  );
});

it('knows its values, each once', () => {
  const secrets = new Secrets();
  secrets.add(['a-secret', 'other']);
  secrets.add(new Set(['other', 'a-secret', 'new']));
  expect(secrets.values).toEqual(['a-secret', 'other', 'new']);
});

it('hides what is shaped like a token before it is told anything', () => {
  expect(new Secrets().redact('sntryu_0123456789abcdef')).toBe('[redacted]');
});
