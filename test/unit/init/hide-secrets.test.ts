import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { configText } from '../../../src/clients/references.ts';
import { interpolate } from '../../../src/config/interpolate.ts';
import { hideSecrets } from '../../../src/init/hide-secrets.ts';
import { isSecretName, looksSecret } from '../../../src/init/secret-shapes.ts';
import { SecretStore } from '../../../src/init/secret-store.ts';
import { foundServer } from './found-server.ts';

function hidden(
  entry: Record<string, unknown>,
  existing: Record<string, string> = {},
  reserved: string[] = [],
) {
  const store = new SecretStore(existing, reserved);
  const { command, args, env } = hideSecrets(foundServer({ command: 'x', ...entry }), 'git-hub', store);
  return {
    command: configText(command),
    args: args.map(configText),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, configText(value)])),
    moved: parse(`${store.lines.join('\n')}\n`),
  };
}

describe('names of secrets', () => {
  it.each([
    'GITHUB_TOKEN',
    'apiKey',
    'X-Api-Key',
    'access-token',
    'DB_PASSWORD',
    'client_secret',
    'APIKEY',
    'AWS_ACCESS_KEY_ID',
    'MYTOKEN',
    'Authorization',
  ])('%s', (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  it.each([
    'MAX_TOKENS',
    'KEY_FILE',
    'TOKEN_URL',
    'PATH',
    'KEYBOARD',
    'MONKEY',
    'LOG_LEVEL',
    'AUTHOR',
    'token-type',
  ])('not %s', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('what looks like a secret', () => {
  it.each([
    'sntryu_aaaaaaaaaaaa',
    'ghp_abcdefghijklmnop',
    'x glpat-12345678 y',
    'postgres://me:pw@db/x',
    'https://h/mcp?api_key=a',
    '123e4567-e89b-12d3-a456-426614174000',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
    'kJ8sL2mQ9xZ4vB7n',
  ])('%s', (text) => expect(looksSecret(text)).toBe(true));
  it.each([
    '@modelcontextprotocol/server-everything@2026.8.31',
    '/home/me/projects/my-project-2026/node_modules/.bin/server',
    'https://example.com/mcp?region=eu',
    'postgres://me@db/x',
    'aaaaaaaaaaaaaaaaaaaaaaaa1',
    'mcp-server-filesystem',
    '--log-level=debug',
    'production',
    '',
  ])('not %s', (text) => expect(looksSecret(text)).toBe(false));
});

it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'env by name',
    { env: { API_KEY: 'x', LOG: 'debug' } },
    { env: { API_KEY: '${API_KEY}', LOG: 'debug' }, moved: { API_KEY: 'x' } },
  ],
  [
    'env by looks',
    { env: { OPT: 'ghp_abcdefghijkl' } },
    { env: { OPT: '${OPT}' }, moved: { OPT: 'ghp_abcdefghijkl' } },
  ],
  ['an empty one is left', { env: { API_KEY: '' } }, { env: { API_KEY: '' }, moved: {} }],
  ['a reference is left', { env: { API_KEY: '${MINE}' } }, { env: { API_KEY: '${MINE}' }, moved: {} }],
  [
    'text beside a reference',
    { env: { URL: 'https://u:secret@h/${PATH_PART}' } },
    { env: { URL: '${URL}${PATH_PART}' } },
  ],
  [
    'a flag',
    { args: ['--access-token=abc', '-v'] },
    { args: ['--access-token=${GIT_HUB_ACCESS_TOKEN}', '-v'], moved: { GIT_HUB_ACCESS_TOKEN: 'abc' } },
  ],
  [
    'a flag and its value',
    { args: ['--api-key', 'abc', 'x'] },
    { args: ['--api-key', '${GIT_HUB_API_KEY}', 'x'] },
  ],
  ['a flag without one', { args: ['--token', '--verbose'] }, { args: ['--token', '--verbose'], moved: {} }],
  [
    'an assignment',
    { args: ['-e', 'GH_TOKEN=abc', '-e', 'A=b'] },
    { args: ['-e', 'GH_TOKEN=${GH_TOKEN}', '-e', 'A=b'], moved: { GH_TOKEN: 'abc' } },
  ],
  [
    'a header',
    { args: ['--header', 'Authorization: Bearer abc'] },
    {
      args: ['--header', 'Authorization: Bearer ${GIT_HUB_AUTHORIZATION}'],
      moved: { GIT_HUB_AUTHORIZATION: 'abc' },
    },
  ],
  [
    'a header in a flag',
    { args: ['--header=X-Api-Key:abc'] },
    { args: ['--header=X-Api-Key:${GIT_HUB_X_API_KEY}'] },
  ],
  ['a random argument', { args: ['kJ8sL2mQ9xZ4vB7n'] }, { args: ['${GIT_HUB_SECRET}'] }],
  [
    'a URL with a password',
    { args: ['postgres://me:pw@db/x'] },
    { args: ['${GIT_HUB_SECRET}'], moved: { GIT_HUB_SECRET: 'postgres://me:pw@db/x' } },
  ],
  ['a plain URL', { args: ['https://example.com/mcp'] }, { args: ['https://example.com/mcp'], moved: {} }],
  [
    'quotes and dollars',
    { env: { PASSWORD: `a'b"c $\{X ` } },
    { env: { PASSWORD: '${PASSWORD}' }, moved: { PASSWORD: `a'b"c $\{X ` } },
  ],
])('%s', (_, entry, wanted) => {
  expect(hidden(entry)).toMatchObject(wanted);
});

test('a name that is taken gets a number: by another value, or by somebody who expects it elsewhere', () => {
  const entry = { env: { TOKEN: 'mine' } };
  expect(hidden(entry, { TOKEN: 'mine' })).toMatchObject({ env: { TOKEN: '${TOKEN}' }, moved: {} });
  expect(hidden(entry, { TOKEN: 'other' })).toMatchObject({
    env: { TOKEN: '${TOKEN_2}' },
    moved: { TOKEN_2: 'mine' },
  });
  expect(hidden(entry, { TOKEN: 'a', TOKEN_2: 'b' })).toMatchObject({ moved: { TOKEN_3: 'mine' } });
  expect(hidden(entry, {}, ['TOKEN'])).toMatchObject({ env: { TOKEN: '${TOKEN_2}' } });
});

test('whatever the values are, the server gets what it got before', () => {
  const value = fc
    .oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('${', '\'"`\n', '\r', 'x=y', '--token=$', 'a: b'))
    .map((text) => text.replaceAll('\0', ''));
  const name = fc.constantFrom('API_KEY', 'TOKEN', 'PLAIN', 'URL');
  const entries = fc.record({ args: fc.array(value), env: fc.dictionary(name, value) });
  fc.assert(
    fc.property(entries, ({ args, env }) => {
      const literal = (text: string) => text.replace(/\$\{[A-Za-z_]\w*(?::-[^{}]*)?\}/g, '');
      const entry = {
        args: args.map(literal),
        env: Object.fromEntries(Object.entries(env).map(([key, text]) => [key, literal(text)])),
      };
      const { moved, ...written } = hidden(entry);
      const filled = (text: string) => interpolate(text, (key) => moved[key]).value;
      expect(written.args.map(filled)).toEqual(entry.args);
      expect(
        Object.fromEntries(Object.entries(written.env).map(([key, text]) => [key, filled(text)])),
      ).toEqual(entry.env);
    }),
    { numRuns: 300 },
  );
});
