import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from '../../../src/clients/references.ts';
import { defineConfig, sentry } from '../../../src/config/define.ts';
import { parseConfig } from '../../../src/config/schema.ts';
import { type ConfigServer, configFileText, fileLabel, quoted } from '../../../src/init/config-text.ts';

/** What the text exports, without the types that it does not have. */
function exported(text: string): unknown {
  const [, imports = '', body = ''] =
    /^import \{ (.*) \} from 'mcp-supervisor';\n([\s\S]*)$/.exec(text) ?? [];
  expect(imports).toMatch(/^defineConfig(, sentry)?$/);
  const made = runInNewContext(body.replace('export default', 'result ='), {
    defineConfig,
    sentry,
    result: null,
  });
  return JSON.parse(JSON.stringify(made));
}

function server(
  name: string,
  values: Partial<ConfigServer['server']>,
  more: Partial<ConfigServer> = {},
): ConfigServer {
  const nothing = { command: literal('x'), args: [], env: {}, cwd: null, envFiles: [] };
  const own: ConfigServer['server'] = { name, client: 'cursor', file: '/p/mcp.json', ...nothing, ...values };
  return { name, alsoIn: [], sentry: null, server: own, ...more };
}

test('any string is quoted so that JavaScript reads it back, on one line', () => {
  const nasty = fc.constantFrom(
    "'",
    '"',
    '\\',
    '`',
    '${',
    '\n',
    '\r',
    '\u2028',
    '\u2029',
    '\0',
    '\ud800',
    '*/',
    '//',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))), (parts) => {
      const text = parts.join('');
      const written = quoted(text);
      expect(runInNewContext(written)).toBe(text);
      expect(written).not.toMatch(/[\n\r\u2028\u2029]/);
    }),
    { numRuns: 1000 },
  );
});

test('any server is written as a config that is valid and says the same', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const name = fc
    .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abzA9_') })
    .filter((one) => !/^\d/.test(one));
  const found = fc.record({
    args: fc.array(text, { maxLength: 5 }),
    env: fc.dictionary(name, text, { maxKeys: 4 }),
    cwd: fc.option(text),
    file: text,
  });
  fc.assert(
    fc.property(found, ({ args, env, cwd, file }) => {
      const entries = Object.entries(env);
      const written = configFileText(
        [
          server('a-b', {
            args: args.map(literal),
            env: Object.fromEntries(entries.map(([key, value]) => [key, literal(value)])),
            cwd: cwd === null ? null : literal(cwd),
            file,
          }),
        ],
        (path) => path,
      );
      const config = exported(written) as { servers: Record<string, Record<string, unknown>> };
      const escaped = (value: string) => value.replaceAll('${', '$$${');
      expect(config.servers['a-b']).toEqual({
        command: 'x',
        ...(args.length === 0 ? {} : { args: args.map(escaped) }),
        ...(entries.length === 0
          ? {}
          : { env: Object.fromEntries(entries.map(([key, value]) => [key, escaped(value)])) }),
        ...(cwd === null ? {} : { cwd: escaped(cwd) }),
      });
      expect(parseConfig(config)).toMatchObject({ ok: true });
    }),
    { numRuns: 200 },
  );
});

test('it is laid out for people', () => {
  const written = configFileText(
    [
      server('long', { args: Array.from({ length: 12 }, (_, index) => literal(`argument-${index}`)) }),
      server('sentry', {}, { sentry: { version: '0.39.0' }, alsoIn: ['/home/me/.cursor/mcp.json'] }),
      server('plain', { file: '' }, { sentry: {} }),
    ],
    (file) => fileLabel(file, '/p', '/home/me'),
  );
  expect(written).toContain("    long: {\n      command: 'x',\n      args: [\n        'argument-0',\n");
  expect(written).toContain('    // From mcp.json, ~/.cursor/mcp.json\n');
  expect(written).toContain("    sentry: sentry({ version: '0.39.0' }),\n");
  expect(written).toContain('    plain: sentry(),\n');
  expect(exported(written)).toMatchObject({ envFiles: ['.env'], gateway: { port: 7420 } });
});

test('without servers it shows how one is written', () => {
  const written = configFileText([], (file) => file);
  expect(exported(written)).toMatchObject({ servers: {} });
  const shown = written.replaceAll(/^ {4}\/\/ (\w+: \{)/gm, '    $1');
  expect(parseConfig(exported(shown))).toMatchObject({ ok: true });
  expect(Object.keys((exported(shown) as { servers: object }).servers)).toEqual(['everything', 'own']);
});
