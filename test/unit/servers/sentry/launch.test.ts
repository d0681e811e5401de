import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../../src/servers/sentry/dialect.ts';
import { type SentryLaunch, sentryServer } from '../../../../src/servers/sentry/launch.ts';
import type { SentryOptions } from '../../../../src/servers/sentry/options.ts';
import { sentryOptions } from './sentry-options.ts';

const NO_ORIGINS = { host: [], env: () => [] };

const TOKEN = 'sntryu_full_0123456789abcdef';
const OTHER = 'sntryu_readonly_0123456789abcdef';

function serverOf(
  variables: Record<string, string>,
  given: Partial<SentryOptions> = {},
  version: string | null = '0.39.0',
) {
  const dialect = dialectOf(version ?? '0.39.0');
  const start = { command: '/node', args: ['/sentry.js', ...(given.args ?? [])], version, dialect };
  return sentryServer({
    options: sentryOptions(given),
    lookup: (name) => variables[name],
    start,
    origins: NO_ORIGINS,
  });
}

function launchOf(...given: Parameters<typeof serverOf>): SentryLaunch {
  const server = serverOf(...given);
  if ('blocked' in server) throw new Error(server.blocked[0].message);
  return server;
}

function blockedOf(...given: Parameters<typeof serverOf>) {
  const server = serverOf(...given);
  return 'blocked' in server ? server.blocked : [];
}

describe('the token', () => {
  it.each(['SENTRY_AUTH_TOKEN', 'SENTRY_ACCESS_TOKEN'])(
    'is read from %s and passed as SENTRY_ACCESS_TOKEN',
    (name) => {
      expect(launchOf({ [name]: TOKEN })).toEqual({
        command: '/node',
        args: ['/sentry.js', '--skills=inspect,triage,project-management', '--sentry-dsn='],
        env: { SENTRY_ACCESS_TOKEN: TOKEN },
        variables: { [name]: TOKEN },
        warnings: [],
        check: expect.objectContaining({ title: 'user token for sentry.io' }),
        answers: expect.objectContaining({ annotate: true }),
      });
    },
  );

  it('comes from SENTRY_AUTH_TOKEN where both are set', () => {
    const both = launchOf({ SENTRY_ACCESS_TOKEN: OTHER, SENTRY_AUTH_TOKEN: TOKEN });
    expect(both.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
    expect(both.variables).toEqual({ SENTRY_AUTH_TOKEN: TOKEN });
  });

  it.each([` ${TOKEN}\n`, `"${TOKEN}"`, `' ${TOKEN} '`, `"'${TOKEN}'"`])('is stripped: %j', (value) => {
    expect(launchOf({ SENTRY_AUTH_TOKEN: value }).env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
  });

  it('is taken from `env` of the config first, under either name', () => {
    const own = launchOf({ SENTRY_AUTH_TOKEN: OTHER }, { env: { SENTRY_ACCESS_TOKEN: TOKEN, MORE: '1' } });
    expect(own.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN, MORE: '1' });
    expect(own.variables).toEqual({});
    const renamed = launchOf({}, { env: { SENTRY_AUTH_TOKEN: TOKEN } });
    expect(renamed.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
  });

  it('looks past a placeholder', () => {
    const found = launchOf({ SENTRY_AUTH_TOKEN: '<token>', SENTRY_ACCESS_TOKEN: TOKEN });
    expect(found.variables).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
    const beyond = launchOf({ SENTRY_AUTH_TOKEN: TOKEN }, { env: { SENTRY_AUTH_TOKEN: 'changeme' } });
    expect(beyond.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
  });

  it('is warned about on the command line, where everybody can read it', () => {
    const { warnings } = launchOf({ SENTRY_AUTH_TOKEN: TOKEN }, { args: [`--access-token=${OTHER}`] });
    expect(warnings.map(({ code }) => code)).toEqual(['token.on-command-line']);
    expect(JSON.stringify(warnings)).not.toContain(OTHER);
  });
});

describe('without a token', () => {
  it.each([{}, { SENTRY_AUTH_TOKEN: '' }, { SENTRY_AUTH_TOKEN: ' "" ' }])(
    'the server is blocked: %j',
    (variables) => {
      expect(blockedOf(variables)).toEqual([
        {
          code: 'token.missing',
          severity: 'error',
          subject: 'SENTRY_AUTH_TOKEN',
          message: 'No Sentry token: neither SENTRY_AUTH_TOKEN nor SENTRY_ACCESS_TOKEN is set.',
          hint:
            'Create a token at https://sentry.io/settings/account/api/auth-tokens/, then put this line into .env: ' +
            'SENTRY_AUTH_TOKEN=<token with scopes org:read,project:read,team:read,event:read,event:write,project:write>',
        },
      ]);
    },
  );

  it('the hint goes by the host and by what is to be offered', () => {
    const hint = (given: Partial<SentryOptions>) => blockedOf({}, given)[0]?.hint;
    const read = 'org:read,project:read,team:read,event:read';
    expect(hint({ addScopes: [] })).toMatch(`<token with scopes ${read}>`);
    expect(hint({ skills: ['inspect', 'triage'] })).toMatch(`<token with scopes ${read},event:write>`);
    expect(hint({ host: 'https://sentry.example.com/' })).toMatch('https://sentry.example.com/settings/');
  });

  it.each([
    '<token with scopes org:read>',
    'your-token',
    'your_token_here',
    'sntryu_your-token',
    'sntryu_xxxxxxxx',
    'sntryu_...',
    'xxx',
    '***',
    'changeme',
    'CHANGE_ME',
    'TODO',
    '[token]',
  ])('a placeholder counts as missing: %s', (value) => {
    expect(blockedOf({ SENTRY_ACCESS_TOKEN: value })[0]).toMatchObject({
      code: 'token.missing',
      message: 'No Sentry token: SENTRY_ACCESS_TOKEN still holds a placeholder.',
    });
  });

  it('a cached login may stand in from 0.31 on, if it is asked for', () => {
    expect(launchOf({}, { cachedLogin: true }).env).toEqual({});
    expect(blockedOf({}, { cachedLogin: true }, '0.30.0')).toHaveLength(1);
    expect(launchOf({ SENTRY_AUTH_TOKEN: TOKEN }, { cachedLogin: true }).env).toEqual({
      SENTRY_ACCESS_TOKEN: TOKEN,
    });
  });
});

it('refuses 0.19.0, which is broken', () => {
  expect(blockedOf({ SENTRY_AUTH_TOKEN: TOKEN }, {}, '0.19.0').map(({ code }) => code)).toEqual([
    'sentry.version-broken',
  ]);
});

describe('the environment', () => {
  const token = { SENTRY_AUTH_TOKEN: TOKEN };

  it('has the host without its scheme; the option beats the variable', () => {
    expect(launchOf({ ...token, SENTRY_HOST: 'https://a.example.com/x' }).env['SENTRY_HOST']).toBe(
      'a.example.com',
    );
    expect(
      launchOf({ ...token, SENTRY_HOST: 'a.example.com' }, { host: 'http://b.example.com:9000' }).env[
        'SENTRY_HOST'
      ],
    ).toBe('b.example.com:9000');
  });

  it('takes the slugs from the variables where no option says otherwise', () => {
    const variables = { ...token, SENTRY_ORGANIZATION_SLUG: 'acme', SENTRY_PROJECT_SLUG: 'web' };
    const launch = launchOf(variables, { projectSlug: 'api' });
    expect(launch.args).toEqual(expect.arrayContaining(['--organization-slug=acme', '--project-slug=api']));
    expect(launch.variables).toEqual({ ...token, SENTRY_ORGANIZATION_SLUG: 'acme' });
  });

  it('has a DSN with telemetry only, even one that was declared', () => {
    const variables = { ...token, SENTRY_DSN: 'https://key@example.com/1' };
    expect(launchOf(variables).env).not.toHaveProperty('SENTRY_DSN');
    expect(launchOf(token, { env: { SENTRY_DSN: 'x' } }).env).not.toHaveProperty('SENTRY_DSN');
    expect(launchOf(variables, { telemetry: true }).env).toMatchObject({ SENTRY_DSN: variables.SENTRY_DSN });
  });

  it("has the API key of the chosen provider, and nobody else's", () => {
    const keys = { ...token, OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a' };
    expect(launchOf(keys).env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN, OPENAI_API_KEY: 'o' });
    expect(launchOf({ ...keys, EMBEDDED_AGENT_PROVIDER: 'anthropic' }).env).toEqual({
      SENTRY_ACCESS_TOKEN: TOKEN,
      EMBEDDED_AGENT_PROVIDER: 'anthropic',
      ANTHROPIC_API_KEY: 'a',
    });
    expect(launchOf(keys, {}, '0.17.0').env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
  });

  it('passes nothing else of what it can see, and no token in the arguments', () => {
    const launch = launchOf({ ...token, AWS_SECRET_ACCESS_KEY: 'x', SENTRY_URL: 'y', MCP_SKILLS: 'z' });
    expect(launch.env).toEqual({ SENTRY_ACCESS_TOKEN: TOKEN });
    expect(launch.args.join(' ')).not.toContain(TOKEN);
  });
});

describe('the page to make a token on', () => {
  /** The pages that all hints name, of whatever is wrong with a token. */
  function pages(given: Partial<SentryOptions>, version?: string): readonly string[] {
    const { check, answers } = launchOf({ SENTRY_AUTH_TOKEN: TOKEN }, given, version);
    const mistyped = launchOf({ SENTRY_AUTH_TOKEN: `${TOKEN}\u2014` }, given, version).check;
    const rejected = { kind: 'rejected', detail: 'Invalid token' } as const;
    const failed = (text: string) =>
      answers.findings({ tool: 'update_issue', arguments: () => ({}), code: null, text }, null);
    const drafts = [
      ...blockedOf({}, given, version),
      ...(check?.findings(rejected) ?? []),
      ...(check?.findings({ kind: 'accepted', scopes: [] }) ?? []).slice(0, 1),
      ...(mistyped?.findings(rejected) ?? []),
      ...failed('API error (401): Invalid token'),
      ...failed('API error (401): This token is limited to organization endpoints'),
      ...failed('API error (403): no'),
    ];
    expect(drafts).toHaveLength(7);
    return [...new Set(drafts.map(({ hint }) => /https?:\S+auth-tokens\//.exec(hint)?.[0] ?? hint))];
  }

  const own = { host: 'sentry.local:9000', insecureHttp: true };
  const page = '/settings/account/api/auth-tokens/';

  it('is where the server asks, and by http where that is allowed', () => {
    expect(pages(own)).toEqual([`http://sentry.local:9000${page}`]);
    expect(pages({ ...own, insecureHttp: false })).toEqual([`https://sentry.local:9000${page}`]);
  });

  it('is https where the server takes no http: without a host, or before 0.33', () => {
    expect(pages({ insecureHttp: true })).toEqual([`https://sentry.io${page}`]);
    expect(pages(own, '0.31.0')).toEqual([`https://sentry.local:9000${page}`]);
  });
});
