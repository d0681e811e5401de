import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactDeep } from '../../../src/logs/redact.ts';

const SECRET = 'p4ss/w+rd "q" ü';

describe('createRedactor', () => {
  const redact = createRedactor([SECRET, 'short', 'production', '']);

  it.each([
    ['as it is', SECRET],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('hides a secret %s', (_, form) => {
    expect(redact(`key=${form}.`)).toBe('key=[redacted].');
  });

  it.each(['a:', 'ab:', 'abc:'])('hides a secret inside the base64 of "%s<secret>"', (before) => {
    const basic = Buffer.from(`${before}${SECRET}`).toString('base64');
    // Whatever is left decodes to nothing of the secret but parts of its first and last character.
    expect(redact(`Basic ${basic}`)).toMatch(/^Basic \S{0,6}\[redacted\]\S{0,3}$/);
  });

  it('leaves values of under eight characters alone', () => {
    expect(redact('a short value')).toBe('a short value');
  });

  it('takes any other value for a secret', () => {
    expect(redact('NODE_ENV=production')).toBe('NODE_ENV=[redacted]');
  });

  it('prefers the longest secret, and covers overlapping ones whole', () => {
    expect(createRedactor(['abcdefgh', 'abcdefghij'])('abcdefghij')).toBe('[redacted]');
    expect(createRedactor(['abcdefgh', 'efghijkl'])('<abcdefghijkl>')).toBe('<[redacted]>');
  });

  it('falls back to a shorter secret where a longer one only begins', () => {
    const long = 'abcdefgh-ijklmnop-qrstuvwx';
    expect(createRedactor(['abcdefgh', long])('abcdefgh-ijklmnop-other')).toBe('[redacted]-ijklmnop-other');
  });

  it('hides a multi-line secret line by line', () => {
    const key = '-----BEGIN KEY-----\r\n  MIIEvQIBADANBg\nabc\n-----END KEY-----\n';
    const redactKey = createRedactor([key]);
    expect(key.split('\n').map(redactKey)).toEqual(['[redacted]\r', '  [redacted]', 'abc', '[redacted]', '']);
    expect(redactKey(JSON.stringify({ key }))).toBe('{"key":"[redacted]"}');
  });

  it('passes over what cannot be hidden by its own marker', () => {
    expect(createRedactor(['redacted', '[redacted]'])('was redacted: [redacted]')).toBe(
      'was redacted: [redacted]',
    );
  });

  it('does not touch indentation because of a blank secret', () => {
    expect(createRedactor(['          '])('          x')).toBe('          x');
  });

  it('survives a lone surrogate', () => {
    expect(createRedactor(['abc\ud800defghijkl'])('<abc\ud800defghijkl>')).toBe('<[redacted]>');
  });
});

describe('shapes of tokens', () => {
  const redact = createRedactor([]);
  const hex = '0123456789abcdef'.repeat(4);

  it.each([
    ['SENTRY=sntrys_eyJpYXQiOjE3_Zm9v+/=;', 'SENTRY=[redacted];'],
    [`sntryu_${hex}`, '[redacted]'],
    ['Authorization: Bearer abc.DEF-123_~+/==', 'Authorization: Bearer [redacted]'],
    ['{"authorization":"bearer abcdefgh12"}', '{"authorization":"bearer [redacted]"}'],
    [`SENTRY_ACCESS_TOKEN=${hex}`, 'SENTRY_ACCESS_TOKEN=[redacted]'],
    [`{"token": "${hex}"}`, '{"token": "[redacted]"}'],
    [`Authorization: ${hex}`, 'Authorization: [redacted]'],
  ])('hides %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    `sha256 ${hex}`,
    'sntryu_short',
    'the bearer of this',
    'WWW-Authenticate: Bearer resource_metadata="https://example.test"',
    'token count: 8837',
  ])('leaves %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('is covered together with a secret that begins with it', () => {
    expect(createRedactor(['sntryu_abcdefgh!tail'])('<sntryu_abcdefgh!tail>')).toBe('<[redacted]>');
  });
});

describe('any secrets in any text', () => {
  /** Few letters, so that secrets overlap, repeat and contain one another. */
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\\', '"', '$', 'ü', '\n'), maxLength: 14 });
  const inside = fc.tuple(
    fc.array(word, { minLength: 1, maxLength: 5 }),
    fc.array(fc.nat(), { maxLength: 8 }),
  );

  it('leaves no secret', () => {
    fc.assert(
      fc.property(inside, fc.array(word), ([secrets, picks], noise) => {
        const parts = picks.map((pick, at) => `${secrets[pick % secrets.length]}${noise[at] ?? ''}`);
        const redacted = createRedactor(secrets)(parts.join(''));
        for (const secret of secrets) {
          if (secret.length >= 8 && secret.trim() !== '') expect(redacted).not.toContain(secret);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves no arbitrary secret, in no encoding', () => {
    const secret = fc
      .string({ unit: 'binary', minLength: 8, maxLength: 60 })
      .filter((text) => text.trim().length >= 8 && !/[[\]]/.test(text) && !'redacted'.includes(text));
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.string(), (secrets, noise) => {
        const redact = createRedactor(secrets);
        for (const text of secrets) {
          const encodings = [
            text,
            JSON.stringify(text).slice(1, -1),
            encodeURIComponent(Buffer.from(text).toString()),
          ];
          for (const encoded of encodings)
            expect(redact(`${noise}${encoded}${noise}`)).not.toContain(encoded);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is content with its own result', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 8 })), fc.string(), (secrets, noise) => {
        const redact = createRedactor(secrets.filter((secret) => !/[[\]]/.test(secret)));
        const once = redact(secrets.join(noise));
        expect(redact(once)).toBe(once);
      }),
    );
  });
});

describe('redactDeep', () => {
  const redact = createRedactor(['topsecret', '1234567890']);

  it('redacts strings, keys and telling numbers, and keeps everything else', () => {
    const value = { a: ['x topsecret', null, true, 12, 1234567890], topsecret: { b: undefined, c: 'fine' } };
    expect(redactDeep(value, redact)).toEqual({
      a: ['x [redacted]', null, true, 12, '[redacted]'],
      '[redacted]': { b: undefined, c: 'fine' },
    });
  });

  it('leaves its input as it was', () => {
    const value = Object.freeze({ a: Object.freeze(['topsecret']) });
    expect(redactDeep(value, redact)).toEqual({ a: ['[redacted]'] });
    expect(value.a[0]).toBe('topsecret');
  });
});
