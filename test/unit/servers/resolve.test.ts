import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/schema.ts';
import type { ServerSpec, WantedServer } from '../../../src/model.ts';
import { type ResolveContext, type ResolvedServer, resolveServer } from '../../../src/servers/resolve.ts';
import { SentryStarts } from '../../../src/servers/sentry/start.ts';
import { tempDir } from '../../support/temp-dir.ts';

const TOKEN = 'sntryu_full_0123456789abcdef';

interface World {
  readonly variables?: Readonly<Record<string, string>>;
  readonly own?: Readonly<Record<string, string>>;
  readonly root?: string;
}

/** Resolves a server as it stands in a config. */
function resolveEntry(
  entry: unknown,
  { variables = {}, own = {}, root = '/project' }: World = {},
): Promise<ResolvedServer> {
  const parsed = parseConfig({ servers: { a: entry } });
  const config = parsed.ok ? parsed.config.servers['a'] : undefined;
  if (config === undefined) throw new Error(JSON.stringify(parsed));
  const context: ResolveContext = {
    root,
    execPath: '/node',
    lookup: (name) => own[name] ?? variables[name],
    ownValues: own,
    envFile: '.env',
    sentryStarts: new SentryStarts(root, '/node', {}),
    callCheck: async () => ({ verdict: 'unknown' }),
  };
  return resolveServer('a', config, context);
}

async function specOf(entry: unknown, world?: World): Promise<ServerSpec> {
  const { wanted } = await resolveEntry(entry, world);
  if ('blocked' in wanted) throw new Error(wanted.blocked[0].message);
  return wanted;
}

async function blockersOf(entry: unknown, world?: World): Promise<readonly string[]> {
  const { wanted }: { wanted: WantedServer } = await resolveEntry(entry, world);
  return 'blocked' in wanted ? wanted.blocked.map(({ code, subject }) => `${code} ${subject}`) : [];
}

describe('a plain server', () => {
  it('is launched with what its config says, and nothing of the environment around it', async () => {
    const variables = { KEY: 'k', PATH: '/bin', HOME: '/home/me', SENTRY_AUTH_TOKEN: TOKEN };
    const { launch } = await specOf(
      { command: 'server', args: ['--key', '${KEY}'], env: { API_KEY: '${KEY}', FIXED: '1' } },
      { variables },
    );
    expect(launch).toEqual({
      command: 'server',
      args: ['--key', 'k'],
      env: { API_KEY: 'k', FIXED: '1' },
      cwd: '/project',
    });
  });

  it('knows the variables that it was built from, and no others', async () => {
    const spec = await specOf(
      { command: '${CMD}', args: ['${ARG:-x}'], env: { A: '${A}' }, cwd: '${DIR}' },
      { variables: { CMD: 'c', A: 'a', DIR: 'd', OTHER: 'o' } },
    );
    expect(spec.variables).toEqual({ CMD: 'c', A: 'a', DIR: 'd' });
    expect(spec.launch).toMatchObject({ command: 'c', args: ['x'], cwd: '/project/d' });
  });

  it('carries its policy beside the launch, so that changing it restarts nothing', async () => {
    const plain = await specOf({ command: 'x' });
    const changed = await specOf({
      command: 'x',
      replace: 'exclusive',
      drainMs: 1,
      startTimeoutMs: 2,
      maxMemory: '1K',
      restart: { maxRestarts: 3 },
      logRules: [{ pattern: 'x', code: 'my.x', message: 'm' }],
    });
    expect(changed.launch).toEqual(plain.launch);
    expect(changed.stop).toEqual(plain.stop);
    expect(changed.policy).toMatchObject({
      replace: 'exclusive',
      drainMs: 1,
      startTimeoutMs: 2,
      maxMemoryBytes: 1024,
    });
    expect(changed.policy.restart.maxRestarts).toBe(3);
    expect(plain.policy).not.toHaveProperty('maxMemoryBytes');
  });

  it('has the log rules of its config', async () => {
    const { rules } = await resolveEntry({
      command: 'x',
      logRules: [{ pattern: 'quota', code: 'my.quota', message: 'm' }],
    });
    expect(rules()).toHaveLength(1);
  });
});

describe('what is missing', () => {
  it('blocks the server, and is named with it: every variable, wherever it is used', async () => {
    const entry = {
      command: '${CMD}',
      args: ['${ARG}', '${ARG}'],
      env: { A: '${ENV}', B: '${GIVEN}' },
      cwd: '${DIR}',
    };
    expect(await blockersOf(entry, { variables: { GIVEN: '1' } })).toEqual(
      ['CMD', 'ARG', 'ENV', 'DIR'].map((name) => `env.variable-missing ${name}`),
    );
    const { wanted } = await resolveEntry({ command: 'x', env: { A: '${NEEDED}' } });
    expect('blocked' in wanted && wanted.blocked[0].message).toMatch(/^a needs the variable NEEDED,/);
  });

  it('is nothing that has a value, even an empty one, or a default', async () => {
    expect(await blockersOf({ command: 'x', args: ['${A}${B:-b}'] }, { variables: { A: '' } })).toEqual([]);
  });
});

describe('its own env files', () => {
  const own = { KEY: 'own', EXTRA: 'extra' };

  it('are for it as a whole', async () => {
    const spec = await specOf({ command: 'x' }, { own });
    expect(spec.launch.env).toEqual(own);
    expect(spec.variables).toEqual(own);
  });

  it('beat the variables of all, and `env` of the config beats them', async () => {
    const spec = await specOf(
      { command: 'x', args: ['${KEY}'], env: { EXTRA: 'from config', NEW: '${KEY}' } },
      { own, variables: { KEY: 'global', OTHER: 'global' } },
    );
    expect(spec.launch.args).toEqual(['own']);
    expect(spec.launch.env).toEqual({ KEY: 'own', EXTRA: 'from config', NEW: 'own' });
  });
});

describe('paths', () => {
  it.each([
    ['server', undefined, 'server', '/project'],
    ['./server', undefined, '/project/server', '/project'],
    ['bin/server', undefined, '/project/bin/server', '/project'],
    ['../server', undefined, '/server', '/project'],
    ['/opt/server', undefined, '/opt/server', '/project'],
    ['./server', 'sub', '/project/sub/server', '/project/sub'],
    ['./server', '/elsewhere', '/elsewhere/server', '/elsewhere'],
  ])('command %s with cwd %s', async (command, cwd, program, folder) => {
    const { launch } = await specOf({ command, ...(cwd === undefined ? {} : { cwd }) });
    expect(launch).toMatchObject({ command: program, cwd: folder });
  });
});

describe('npx', () => {
  const manifest = (version: string) =>
    JSON.stringify({ name: '@scope/tool', version, bin: { tool: 'cli.js' } });

  it('of an installed package is that package, run directly', async () => {
    const { dir, path, write } = tempDir();
    write('node_modules/@scope/tool/package.json', manifest('1.2.3'));
    const { launch } = await specOf(
      { command: 'npx', args: ['-y', '@scope/tool@^1.0.0', '--flag', '${A}'] },
      { root: dir, variables: { A: 'a' } },
    );
    expect(launch).toMatchObject({
      command: '/node',
      args: [path('node_modules/@scope/tool/cli.js'), '--flag', 'a'],
      cwd: dir,
    });
  });

  it('is looked for from the folder that the server runs in', async () => {
    const { dir, path, write } = tempDir();
    write('sub/node_modules/@scope/tool/package.json', manifest('1.2.3'));
    const entry = { command: 'npx', args: ['@scope/tool'] };
    expect((await specOf({ ...entry, cwd: 'sub' }, { root: dir })).launch.args).toEqual([
      path('sub/node_modules/@scope/tool/cli.js'),
    ]);
    expect((await specOf(entry, { root: dir })).launch.command).toBe('npx');
  });

  it.each([
    ['another version than is installed', ['-y', '@scope/tool@2.0.0']],
    ['a dist-tag', ['@scope/tool@latest']],
    ['a package that is not installed', ['other']],
    ['what we do not understand', ['--call', 'tool']],
  ])('stays npx for %s', async (_, args) => {
    const { dir, write } = tempDir();
    write('node_modules/@scope/tool/package.json', manifest('1.2.3'));
    expect((await specOf({ command: 'npx', args }, { root: dir })).launch).toMatchObject({
      command: 'npx',
      args,
    });
  });
});

describe('the Sentry server', () => {
  const install = (version: string) => {
    const temp = tempDir();
    const name = '@sentry/mcp-server';
    temp.write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version, bin: { 'sentry-mcp': 'index.js' } }),
    );
    return temp;
  };

  it('is the installed one, with its token and the flags of its version', async () => {
    const { dir, path } = install('0.39.0');
    const spec = await specOf(
      { preset: 'sentry', host: '${MY_HOST}', args: ['--agent'] },
      { root: dir, variables: { SENTRY_AUTH_TOKEN: TOKEN, MY_HOST: 'sentry.example.com', OTHER: 'o' } },
    );
    expect(spec.launch.command).toBe('/node');
    expect(spec.launch.args.slice(0, 2)).toEqual([
      path('node_modules/@sentry/mcp-server/index.js'),
      '--agent',
    ]);
    expect(spec.launch.args).toContain('--skills=inspect,triage,project-management');
    expect(spec.launch.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN, SENTRY_HOST: 'sentry.example.com' });
    expect(spec.launch.cwd).toBe(dir);
    expect(spec.variables).toEqual({ SENTRY_AUTH_TOKEN: TOKEN, MY_HOST: 'sentry.example.com' });
    expect(spec.launch.args.join(' ')).not.toContain(TOKEN);
  });

  it('has the rules of its version beside those of its config', async () => {
    const { dir } = install('0.18.0');
    const entry = { preset: 'sentry', logRules: [{ pattern: 'quota', code: 'my.quota', message: 'm' }] };
    const { rules } = await resolveEntry(entry, { root: dir, variables: { SENTRY_AUTH_TOKEN: TOKEN } });
    const line = "[MCP] Skipping tool 'create_team' - missing required scopes";
    const record = { time: '', server: 'a', generation: 1, stream: 'stdout', level: 'info', line } as const;
    expect(
      rules()
        .map((rule) => rule.match(record)?.code ?? null)
        .filter((code) => code !== null),
    ).toEqual(['scope.flag-missing']);
    expect(
      rules()
        .map((rule) => rule.match({ ...record, line: 'quota' })?.code)
        .filter((code) => code !== undefined),
    ).toEqual(['my.quota']);
    // They remember what they saw, so each generation has its own.
    expect(rules()[0]).not.toBe(rules()[0]);
  });

  it('is blocked without a token, and by a variable of its own that is missing', async () => {
    const { dir } = install('0.39.0');
    expect(await blockersOf({ preset: 'sentry' }, { root: dir })).toEqual([
      'token.missing SENTRY_AUTH_TOKEN',
    ]);
    expect(await blockersOf({ preset: 'sentry', projectSlug: '${SLUG}' }, { root: dir })).toEqual([
      'env.variable-missing SLUG',
    ]);
  });

  it('takes its token from its own env file first', async () => {
    const { dir } = install('0.39.0');
    const own = { SENTRY_AUTH_TOKEN: `${TOKEN}own` };
    const spec = await specOf(
      { preset: 'sentry' },
      { root: dir, own, variables: { SENTRY_AUTH_TOKEN: TOKEN } },
    );
    expect(spec.launch.env['SENTRY_ACCESS_TOKEN']).toBe(`${TOKEN}own`);
  });
});
