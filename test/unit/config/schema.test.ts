import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineConfig, sentry } from '../../../src/config/define.ts';
import { pathText } from '../../../src/config/problems.ts';
import { type Config, parseConfig } from '../../../src/config/schema.ts';

function problemsOf(raw: unknown): readonly string[] {
  const result = parseConfig(raw);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${pathText(path)} ${message}`);
}

/** The problems with one server, without its name before each. */
function problemsWith(server: unknown): readonly string[] {
  return problemsOf({ servers: { a: server } }).map((problem) => problem.replace(/^servers\.a(?:\.| )/, ''));
}

function parsed(raw: unknown): Config {
  const result = parseConfig(raw);
  if (!result.ok) throw new Error(problemsOf(raw).join('\n'));
  return result.config;
}

const UNSENDABLE = 'has a character that no header can hold, such as an em dash or a line break';

describe('what may be left out', () => {
  it('has its default', () => {
    expect(parsed(defineConfig({ servers: { a: { command: 'x' }, s: sentry() } }))).toEqual({
      envFiles: ['.env'],
      gateway: {
        host: '127.0.0.1',
        port: 7420,
        auth: 'token',
        maxBodyBytes: 16 * 1024 * 1024,
        maxWaitingCalls: 1_000,
        maxWaitMs: 60_000,
        maxSessions: 1_000,
        sessionIdleMs: 12 * 60 * 60 * 1_000,
      },
      warnings: {},
      servers: {
        a: { command: 'x', args: [], env: {}, ...COMMON },
        s: {
          preset: 'sentry',
          addScopes: ['event:write', 'project:write'],
          insecureHttp: false,
          telemetry: false,
          cachedLogin: false,
          check: true,
          annotate: true,
          ...COMMON,
        },
      },
    });
  });

  it('is filled in below what is given', () => {
    const { servers } = parsed({
      servers: { a: { command: 'x', stop: { termMs: 5 }, restart: { maxRestarts: 0 } } },
    });
    expect(servers['a']?.stop).toEqual({ eofMs: 2_000, termMs: 5 });
    expect(servers['a']?.restart).toEqual({ ...COMMON.restart, maxRestarts: 0 });
  });

  it('an entry of mcpServers is taken as it is', () => {
    expect(
      problemsWith({ type: 'stdio', command: 'npx', args: ['-y', 'x'], env: { KEY: '${KEY}' }, cwd: '.' }),
    ).toEqual([]);
  });
});

const COMMON = {
  envFiles: [],
  replace: 'overlap',
  drainMs: 30_000,
  startTimeoutMs: 60_000,
  stop: { eofMs: 2_000, termMs: 3_000 },
  restart: { maxRestarts: 8, minUptimeMs: 5_000, backoffMs: 100, maxBackoffMs: 15_000 },
  logRules: [],
  sharing: 'shared',
  maxSessionChildren: 8,
};

describe('the whole config', () => {
  it.each<[unknown, readonly string[]]>([
    [null, ['the config must be an object']],
    [undefined, ['the config is missing']],
    [[], ['the config must be an object']],
    ['x', ['the config must be an object']],
    [{}, ['servers is missing']],
    [{ servers: [] }, ['servers must be an object']],
    [
      { servers: null, envFiles: '.env', port: 1 },
      ['envFiles must be a list', 'servers must be an object', 'port is not a key that is known here'],
    ],
    [{ servers: {}, envFiles: ['.env', ''] }, ['envFiles[1] must not be empty']],
    [
      { servers: {}, gateway: { port: '1', host: '', auth: 'no', tls: true } },
      [
        'gateway.host must not be empty',
        'gateway.port must be a number',
        "gateway.auth must be one of 'token', 'none'",
        'gateway.tls is not a key that is known here',
      ],
    ],
    [
      { servers: {}, gateway: { port: 65_536, maxBodyBytes: 1, maxSessions: 0 } },
      [
        'gateway.port must be at most 65535',
        'gateway.maxBodyBytes must be at least 1024',
        'gateway.maxSessions must be at least 1',
      ],
    ],
  ])('%j', (raw, problems) => {
    expect(problemsOf(raw)).toEqual(problems);
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', 'example.com', 'localhost.example.com', '127.0.0.1.example.com'])(
    'is not open to others without a token: %s',
    (host) => {
      expect(problemsOf({ servers: {}, gateway: { host } })).toEqual([]);
      expect(problemsOf({ servers: {}, gateway: { host, auth: 'none' } })).toEqual([
        "gateway.auth must be 'token' where others can reach the address; listen on 127.0.0.1 to do without",
      ]);
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('needs no token on %s', (host) => {
    expect(problemsOf({ servers: {}, gateway: { host, auth: 'none' } })).toEqual([]);
  });
});

describe('the webhook for warnings', () => {
  const webhookProblems = (webhook: unknown) => problemsOf({ servers: {}, warnings: { webhook } });

  it('needs no more than its url', () => {
    const url = 'https://hooks.example.com/${PATH_OF_HOOK:-x}';
    expect(parsed({ servers: {}, warnings: { webhook: { url } } }).warnings.webhook).toEqual({
      url,
      headers: {},
      minSeverity: 'warning',
      timeoutMs: 10_000,
    });
  });

  it.each<[unknown, readonly string[]]>([
    [{}, ['warnings.webhook.url is missing']],
    [{ url: 'hooks.example.com/x' }, ['warnings.webhook.url is no URL']],
    [{ url: 'ftp://example.com/' }, ['warnings.webhook.url is no http or https URL']],
    [
      { url: 'https://me:pass@x/' },
      ['warnings.webhook.url has a user name or a password in it; use headers'],
    ],
    [
      { url: '${HOOK}', minSeverity: 'bad' },
      ["warnings.webhook.minSeverity must be one of 'info', 'warning', 'error'"],
    ],
    [{ url: '${HOOK}', headers: { 'a b': '1' } }, ['warnings.webhook.headers.a b is no name for a header']],
    [
      { url: '${HOOK}', headers: { 'Content-Length': '1' } },
      ['warnings.webhook.headers.Content-Length is a header that is set already'],
    ],
    [{ url: '${HOOK}', headers: { a: '\u2014${HOOK}' } }, [`warnings.webhook.headers.a ${UNSENDABLE}`]],
    [
      { url: '${HO-OK}' },
      ['warnings.webhook.url has a ${ that is no ${NAME} or ${NAME:-default}; write $${ for a literal ${'],
    ],
  ])('%j', (webhook, problems) => {
    expect(webhookProblems(webhook)).toEqual(problems);
  });
});

describe('names of servers', () => {
  const NAMING = 'is no name for a server: letters, digits, - and _, at most 64';

  it.each(['a b', '-a', '_a', '', 'a/b', '../a', 'a@1', 'ä', 'a'.repeat(65), '__proto__'])(
    '%j is none',
    (name) => {
      const servers = JSON.parse(`{ ${JSON.stringify(name)}: { "command": "x" } }`);
      expect(problemsOf({ servers })).toEqual([`${pathText(['servers', name])} ${NAMING}`]);
    },
  );

  it.each(['a', 'A-1_b', '7', 'a'.repeat(64), 'constructor', 'toString'])('%s is one', (name) => {
    expect(Object.keys(parsed({ servers: { [name]: { command: 'x' } } }).servers)).toEqual([name]);
  });

  it.each(['supervisor', 'Supervisor', 'healthz', 'readyz', 'API'])('%s is ours', (name) => {
    expect(problemsOf({ servers: { [name]: { command: 'x' } } })).toEqual([
      `servers.${name} is a name of our own; choose another`,
    ]);
  });

  it('that differ by case only would share a log', () => {
    const server = { command: 'x' };
    expect(problemsOf({ servers: { Mail: server, other: server, mail: server } })).toEqual([
      'servers.mail differs from Mail by case only; they would share a log',
    ]);
  });
});

describe('a server', () => {
  const MS = 'must be a whole number of milliseconds, 0 or more';

  it.each<[unknown, readonly string[]]>([
    ['npx', ['must be an object']],
    [null, ['must be an object']],
    [{}, ['command is missing']],
    [{ command: '' }, ['command must not be empty']],
    [{ command: ['x'], args: 'y' }, ['command must be a text', 'args must be a list']],
    [{ comand: 'x' }, ['command is missing', 'comand is not a key that is known here']],
    [{ command: 'x', args: ['a', 7, null] }, ['args[1] must be a text', 'args[2] must be a text']],
    [
      { command: 'x', check: { url: 'http://x', headers: { a: '${A:-\u2014}', b: 'é' } } },
      [`check.headers.a ${UNSENDABLE}`],
    ],
    [{ command: 'x', env: ['A=1'] }, ['env must be an object']],
    [
      { command: 'x', env: { PORT: 80, 'A-B': 'x', '1A': 'x' } },
      [
        'env.PORT must be a text',
        'env.A-B is no name for an environment variable: letters, digits, _',
        'env.1A is no name for an environment variable: letters, digits, _',
      ],
    ],
    [
      { command: 'x', url: 'http://x' },
      ['url only stdio servers can be run; a server with a URL runs already'],
    ],
    [{ command: 'x', type: 'http' }, ['type only stdio servers can be run']],
    [{ command: 'x', replace: 'both' }, ["replace must be one of 'overlap', 'exclusive'"]],
    [
      { command: 'x', drainMs: '1s', startTimeoutMs: -1, stop: { eofMs: 1.5, killMs: 1 } },
      [
        `drainMs ${MS}`,
        `startTimeoutMs ${MS}`,
        `stop.eofMs ${MS}`,
        'stop.killMs is not a key that is known here',
      ],
    ],
    [
      { command: 'x', restart: { maxRestarts: -1, backoffMs: null } },
      ['restart.maxRestarts must be at least 0', `restart.backoffMs ${MS}`],
    ],
    [{ command: 'x', maxMemory: 'much' }, ['maxMemory must be bytes or a size like 512M or 1G']],
    [{ command: 'x', maxMemory: -1 }, ['maxMemory must be more than 0']],
    [{ preset: 'other' }, ['preset the only preset is sentry']],
    [{ preset: 'sentry', version: '^0.39.0' }, ['version must be an exact version, such as 0.39.0']],
    [{ preset: 'sentry', addScopes: ['event'] }, ['addScopes[0] is no scope, such as event:write']],
    [
      { preset: 'sentry', addScopes: 'event:write', skills: [''] },
      ['addScopes must be a list', 'skills[0] must not be empty'],
    ],
    [
      { preset: 'sentry', telemetry: 'yes', token: 'x' },
      ['telemetry must be true or false', 'token is not a key that is known here'],
    ],
  ])('%j', (server, problems) => {
    expect(problemsWith(server)).toEqual(problems);
  });

  it('waits no longer than a timer can', () => {
    const longest = 2 ** 31 - 1;
    expect(problemsWith({ command: 'x', drainMs: longest })).toEqual([]);
    expect(problemsWith({ command: 'x', drainMs: longest + 1 })).toEqual([
      'drainMs must be at most 2147483647, which is 24 days',
    ]);
  });

  it('may have a limit of memory', () => {
    const limit = (maxMemory: unknown) =>
      parsed({ servers: { a: { command: 'x', maxMemory } } }).servers['a']?.maxMemory;
    expect(limit('1.5G')).toBe(1.5 * 1024 ** 3);
    expect(limit(1_000)).toBe(1_000);
  });
});

describe('log rules', () => {
  const rule = { pattern: 'quota of (?<who>\\w+)', code: 'my.quota', message: '$<who> is out' };
  const rulesOf = (logRules: unknown) =>
    parsed({ servers: { a: { command: 'x', logRules } } }).servers['a']?.logRules;

  it('are compiled', () => {
    expect(rulesOf([{ ...rule, flags: 'i', severity: 'error' }])).toEqual([
      {
        pattern: /quota of (?<who>\w+)/i,
        code: 'my.quota',
        severity: 'error',
        message: '$<who> is out',
        hint: '',
      },
    ]);
    expect(rulesOf([{ ...rule, pattern: /quota/u, subject: 's' }])).toEqual([
      {
        pattern: /quota/u,
        code: 'my.quota',
        severity: 'warning',
        message: '$<who> is out',
        hint: '',
        subject: 's',
      },
    ]);
  });

  it.each<[unknown, string]>([
    [{ ...rule, pattern: '(' }, 'pattern is no regular expression'],
    [{ ...rule, flags: 'no' }, 'pattern is no regular expression'],
    [{ ...rule, pattern: 1 }, 'pattern must be a regular expression'],
    [{ ...rule, code: 'My Rule' }, 'code is no code: lower-case words, with dots between'],
    [{ ...rule, message: '' }, 'message must not be empty'],
    [{ ...rule, level: 'error' }, 'level is not a key that is known here'],
  ])('%j', (wrong, problem) => {
    expect(problemsWith({ command: 'x', logRules: [rule, wrong] })).toEqual([`logRules[1].${problem}`]);
  });
});

describe('secrets', () => {
  const TOKEN = 'sntryu_0123456789abcdef';
  const REFUSED = 'holds a Sentry token; put it into .env, and write ${SENTRY_AUTH_TOKEN} here';

  it('a Sentry token has no place in the config', () => {
    const server = {
      command: `x ${TOKEN}`,
      args: ['--ok', `--access-token=${TOKEN}`],
      env: { A: TOKEN },
      cwd: TOKEN,
    };
    const keys = ['command', 'args[1]', 'env.A', 'cwd'];
    expect([...problemsWith(server)].sort()).toEqual(keys.map((key) => `${key} ${REFUSED}`).sort());
    expect(
      problemsWith({ preset: 'sentry', host: TOKEN, args: [TOKEN], env: { SENTRY_AUTH_TOKEN: TOKEN } }),
    ).toHaveLength(3);
    expect(problemsWith({ command: 'x', env: { SENTRY_ACCESS_TOKEN: '${SENTRY_AUTH_TOKEN}' } })).toEqual([]);
  });

  it.each(['${', 'a${1}', '${A:-${B}}', '${A-b}', '${}'])(
    'a reference that is none is not taken for one: %s',
    (text) => {
      const problem = 'has a ${ that is no ${NAME} or ${NAME:-default}; write $${ for a literal ${';
      expect(problemsWith({ command: text })).toEqual([`command ${problem}`]);
    },
  );

  it('no message repeats a value, whatever is wrong with it', () => {
    const secret = 'hunter2-hunter2';
    const leaf = fc.constantFrom<unknown>(
      secret,
      [secret],
      { key: secret },
      `\${${secret}}`,
      new Date(0),
      7,
      null,
    );
    const keys = [
      'command',
      'args',
      'env',
      'cwd',
      'envFiles',
      'replace',
      'drainMs',
      'startTimeoutMs',
      'stop',
      'restart',
      'maxMemory',
      'logRules',
      'type',
      'url',
      'preset',
      'version',
      'addScopes',
      'skills',
      'host',
      'telemetry',
    ];
    const server = fc.dictionary(
      fc.constantFrom(...keys),
      fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.constantFrom('A', 'eofMs', 'pattern', 'code'), leaf)),
    );
    const gateway = fc.dictionary(fc.constantFrom('host', 'port', 'auth', 'maxWaitMs'), leaf);
    fc.assert(
      fc.property(server, fc.oneof(gateway, leaf), leaf, (a, gateway, envFiles) => {
        expect(problemsOf({ servers: { a }, gateway, envFiles }).join('\n')).not.toContain('hunter2');
      }),
      { numRuns: 1_000 },
    );
  });
});
