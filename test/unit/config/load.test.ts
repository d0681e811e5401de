import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { SupervisorError } from '../../../src/errors.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';

const PUBLIC_ENTRY = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));
const SECRET = 'hunter2-hunter2';

const load = (file: string): Promise<Config> => loadConfig(file, { publicEntry: PUBLIC_ENTRY });

/** The error of a config that cannot be used. Every one of them is exit code 2, and has a hint. */
async function problemWith(file: string): Promise<SupervisorError> {
  const error: unknown = await load(file).then(
    () => new Error(`${file} was loaded`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SupervisorError)) throw error;
  expect(error.exitCode).toBe(2);
  expect(error.hint).not.toBe('');
  expect(error.message).not.toContain(SECRET);
  return error;
}

async function commandOf(file: string): Promise<string | undefined> {
  return (await load(file)).servers['a']?.command;
}

const config = (command: string) => `{ servers: { a: { command: ${command} } } }`;

describe('a config in TypeScript', () => {
  it('imports from mcp-supervisor, wherever that is installed', async () => {
    const { write } = tempDir();
    const file = write(
      'ecosystem.config.ts',
      `import { defineConfig, sentry } from 'mcp-supervisor';
       const command: string = 'node';
       export default defineConfig({ servers: { a: { command }, s: sentry({ addScopes: [] }) } });`,
    );
    const { servers, envFiles, gateway } = await load(file);
    expect(servers).toMatchObject({
      a: { command: 'node', args: [] },
      s: { preset: 'sentry', addScopes: [] },
    });
    expect(envFiles).toEqual(['.env']);
    expect(gateway).toMatchObject({ host: '127.0.0.1', port: 7420, auth: 'token' });
  });

  it('keeps a regular expression, and the order of the servers', async () => {
    const { write } = tempDir();
    const rule = "{ pattern: /quota of (?<who>\\w+)/i, code: 'my.quota', message: 'm' }";
    const file = write(
      'ecosystem.config.ts',
      `export default { servers: { z: { command: 'x', logRules: [${rule}] }, b: { command: 'x' } } };`,
    );
    const { servers } = await load(file);
    expect(Object.keys(servers)).toEqual(['z', 'b']);
    expect(servers['z']?.logRules[0]?.pattern).toEqual(/quota of (?<who>\w+)/i);
  });

  it('may be asynchronous', async () => {
    const { write } = tempDir();
    const promised = write('promised.ts', `export default Promise.resolve(${config("'x'")});`);
    expect(await commandOf(promised)).toBe('x');
    const awaiting = write(
      'awaiting.ts',
      `const a = await Promise.resolve('x'); export default ${config('a')};`,
    );
    expect(await commandOf(awaiting)).toBe('x');
  });

  it('leaves no copy of itself in the temp folder', async () => {
    const { dir, write } = tempDir();
    vi.stubEnv('TMPDIR', dir);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(tmpdir()).toBe(dir);
    mkdirSync(`${dir}/project/node_modules`, { recursive: true });
    await load(write('project/ecosystem.config.ts', `export default ${config(`'${SECRET}'`)};`));
    expect(readdirSync(dir)).toEqual(['project']);
    expect(readdirSync(`${dir}/project/node_modules`)).toEqual([]);
  });
});

describe('every kind of config is read anew, with what it imports', () => {
  const esm = `import { command } from './nested.EXT'; export default ${config('command')};`;
  const cjs = `const { command } = require('./nested.EXT'); module.exports = ${config('command')};`;
  const json = `import { command } from './nested.json'; export default ${config('command')};`;
  const nestedEsm = "export const command = 'VALUE';";
  const nestedCjs = "exports.command = 'VALUE';";

  it.each([
    ['ecosystem.config.ts', esm, 'nested.ts', nestedEsm, 'commonjs'],
    ['ecosystem.config.ts', esm, 'nested.js', nestedEsm, 'module'],
    ['ecosystem.config.ts', esm, 'nested.js', nestedCjs, 'commonjs'],
    ['ecosystem.config.ts', esm, 'nested.mjs', nestedEsm, 'commonjs'],
    ['ecosystem.config.ts', json, 'nested.json', '{ "command": "VALUE" }', 'module'],
    ['ecosystem.config.mts', esm, 'nested.mts', nestedEsm, 'commonjs'],
    ['ecosystem.config.mjs', esm, 'nested.mjs', nestedEsm, 'commonjs'],
    ['ecosystem.config.js', esm, 'nested.js', nestedEsm, 'module'],
    ['ecosystem.config.js', cjs, 'nested.js', nestedCjs, 'commonjs'],
    ['ecosystem.config.js', esm, 'nested.js', nestedEsm, 'commonjs'],
  ])('%s, importing as in %j from %s', async (name, text, nested, nestedText, type) => {
    const { write } = tempDir();
    write('package.json', JSON.stringify({ type }));
    const save = (value: string) => {
      write(nested, nestedText.replace('VALUE', value));
      const own = text.replace('EXT', nested.replace('nested.', ''));
      return write(name, own.replace('command:', `cwd: '${value}', command:`));
    };
    for (const value of ['first', 'second']) {
      const { servers } = await load(save(value));
      expect(servers['a']).toMatchObject({ command: value, cwd: value });
    }
  });

  it('ecosystem.config.json', async () => {
    const { write } = tempDir();
    const text = (command: string) => JSON.stringify({ servers: { a: { command } } });
    const file = write('ecosystem.config.json', text('first'));
    expect(await commandOf(file)).toBe('first');
    write('ecosystem.config.json', text('second'));
    expect(await commandOf(file)).toBe('second');
  });

  it('require("mcp-supervisor") works too', async () => {
    const { write } = tempDir();
    write('package.json', '{ "type": "commonjs" }');
    const text = `const { defineConfig } = require('mcp-supervisor'); module.exports = defineConfig(${config("'x'")});`;
    expect(await commandOf(write('ecosystem.config.js', text))).toBe('x');
  });
});

describe('a config that cannot be loaded says why, and never what is in it', () => {
  it.each([
    [
      'syntax.ts',
      `\nexport default { servers: { a: { command: '${SECRET}' }`,
      /ParseError: .* at \S+\/syntax\.ts:2:\d+$/,
    ],
    ['string.ts', `export default { a: '${SECRET} }`, /string\.ts:1:\d+$/],
    ['nested.ts', "import './broken'; export default {};", /broken\.ts:1:\d+$/],
    ['throws.ts', `throw new Error('no such thing\\nsecret: ${SECRET}');`, /loaded: no such thing$/],
    ['throws-text.ts', "throw 'no such thing';", /loaded: no such thing$/],
    ['throws-null.ts', 'throw null;', /loaded: null$/],
    ['rejects.ts', "export default Promise.reject(new Error('no such thing'));", /loaded: no such thing$/],
    ['missing.ts', "import x from './nowhere'; export default x;", /'\.\/nowhere'/],
    ['no-package.ts', "import x from 'no-such-package'; export default x;", /'no-such-package'/],
    ['exits.ts', 'process.exit(0);', /ended before it had exported anything$/],
    ['never.ts', 'await new Promise(() => {}); export default {};', /ended before it had exported anything$/],
    ['empty.ts', '', /\bservers is missing/],
    ['named.ts', `export const config = ${config(`'${SECRET}'`)};`, /no default export/],
    ['undefined.ts', 'export default undefined;', /no default export; write `export default defineConfig/],
    ['null.ts', 'export default null;', /\bmust be an object/],
    ['text.ts', `export default '${SECRET}';`, /\bmust be an object/],
    ['array.ts', `export default ['${SECRET}'];`, /\bmust be an object/],
    ['function.ts', `export default () => (${config(`'${SECRET}'`)});`, /\bmust be an object/],
  ])('%s', async (name, text, expected) => {
    const { write } = tempDir();
    write('broken.ts', `export const a = '${SECRET}' = 1;`);
    const { message } = await problemWith(write(name, text));
    expect(message).toMatch(expected);
    expect(message).toContain(name);
  });

  it.each([
    `{"servers": ${SECRET}}`,
    `{"servers": {"a": {"command": ${SECRET}}}}`,
    `{"servers": {"a": {"command": "${SECRET}`,
    `{"servers": {"a": {"command": "x" "${SECRET}"}}}`,
    `{"servers":\n"a",\n${SECRET}\n}`,
    SECRET,
    '',
  ])('JSON like %j', async (text) => {
    const { write } = tempDir();
    const { code, message } = await problemWith(write('ecosystem.config.json', text));
    expect(code).toBe('config.unreadable');
    // Not even the few characters around the place, which JSON.parse would quote.
    expect(message).not.toMatch(/hunter|command|servers|a"/);
    expect(message).toMatch(/ecosystem\.config\.json cannot be loaded: \w+/);
  });

  it('broken JSON that a config imports', async () => {
    const { write } = tempDir();
    write('nested.json', `{"a": ${SECRET}}`);
    const { message } = await problemWith(write('x.ts', "import a from './nested.json'; export default a;"));
    expect(message).toContain('nested.json');
    expect(message).not.toContain('hunter');
  });

  it('a token without its quotes', async () => {
    const { write } = tempDir();
    const file = write('x.ts', 'export default { servers: { a: { command: sntryu_0123456789abcdef } } };');
    expect((await problemWith(file)).message).toMatch(/loaded: \[redacted\] is not defined$/);
  });

  it('a file that is gone', async () => {
    const { path } = tempDir();
    expect((await problemWith(path('ecosystem.config.json'))).message).toMatch(/loaded: it is gone$/);
    expect((await problemWith(path('ecosystem.config.ts'))).message).toContain('ecosystem.config.ts');
  });
});

describe('a config that takes for ever', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ['waits', 'setInterval(() => {}, 1_000); await new Promise(() => {});'],
    ['loops', 'for (;;);'],
  ])('and %s is given up', async (_, text) => {
    const { path, write } = tempDir();
    const started = path('started');
    const file = write(
      'ecosystem.config.ts',
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(started)}, ''); ${text}`,
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const problem = problemWith(file);
    await until('the config runs', () => existsSync(started));
    vi.advanceTimersByTime(10_000);
    expect((await problem).message).toMatch(/was not loaded after 10 s/);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind when it is there after all', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { write } = tempDir();
    expect(await commandOf(write('ecosystem.config.ts', `export default ${config("'x'")};`))).toBe('x');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what a config does to its process does not reach us', () => {
  it('its environment is a copy', async () => {
    const { write } = tempDir();
    const text = `process.env.MCPS_UNIT_TEST = '1'; export default ${config("'x'")};`;
    expect(await commandOf(write('ecosystem.config.ts', text))).toBe('x');
    expect(process.env).not.toHaveProperty('MCPS_UNIT_TEST');
  });

  it('it may print nowhere', async () => {
    const { write } = tempDir();
    const text = `process.stdout.write = () => true; console.log(1); export default ${config("'x'")};`;
    expect(await commandOf(write('ecosystem.config.ts', text))).toBe('x');
  });

  it('what it leaves running ends', async () => {
    const { path, write } = tempDir();
    const file = write(
      'ecosystem.config.ts',
      `import { appendFileSync } from 'node:fs';
       setInterval(() => appendFileSync(${JSON.stringify(path('ticks'))}, '.'), 1);
       await new Promise((resolve) => setTimeout(resolve, 20));
       export default ${config("'x'")};`,
    );
    expect(await commandOf(file)).toBe('x');
    await until('it does nothing any more', async () => {
      const before = statSync(path('ticks')).size;
      await sleep(100);
      return statSync(path('ticks')).size === before;
    });
  });

  it('a promise that it forgot may reject', async () => {
    const { write } = tempDir();
    const text = `void Promise.reject(new Error('forgotten')); await new Promise((r) => setTimeout(r, 50)); export default {};`;
    expect((await problemWith(write('ecosystem.config.ts', text))).message).toMatch(/loaded: forgotten$/);
  });
});

describe('all problems at once', () => {
  it('each with the file and the key', async () => {
    const { write } = tempDir();
    const file = write(
      'ecosystem.config.ts',
      `export default {
        gateway: { port: '${SECRET}' },
        servers: {
          a: { comand: '${SECRET}', env: { TOKEN: () => '${SECRET}', 'A-B': '${SECRET}' } },
          b: { command: 'x', args: ['sntryu_${'0'.repeat(20)}'], onReady() {} },
          'c d': { command: 'x' },
        },
      };`,
    );
    const { code, message, hint } = await problemWith(file);
    expect(code).toBe('config.invalid');
    expect(hint).toContain(file);
    expect(
      message
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/^ {2}ecosystem\.config\.ts: (\S+).*$/, '$1'))
        .sort(),
    ).toEqual([
      'gateway.port',
      'servers.a.comand',
      'servers.a.command',
      'servers.a.env.A-B',
      'servers.a.env.TOKEN',
      'servers.b.args[0]',
      'servers.b.onReady',
      'servers.c',
    ]);
    expect(message).toContain('The config has 8 problems:');
    expect(message).not.toContain('0000');
  });

  it('a pm2 config is no config of ours, and is told so instead of listing what is wrong with it', async () => {
    const { write } = tempDir();
    write('package.json', '{ "type": "commonjs" }');
    const { code, message } = await problemWith(
      write('ecosystem.config.js', "module.exports = { apps: [{ name: 'a', script: 'a.js' }] };"),
    );
    expect(code).toBe('config.invalid');
    expect(message).toMatch(/ecosystem\.config\.js is a pm2 config: it has `apps`$/);
  });
});
