import { describe, expect, it, test } from 'vitest';
import { SecretStore } from '../../../src/init/secret-store.ts';
import { sentryOptions } from '../../../src/init/sentry-entry.ts';
import { foundServer } from './found-server.ts';

const TOKEN = 'sntryu_canaryaaaaaaaaaaaaaaaa';

function read(
  args: readonly string[],
  env: Record<string, string> = {},
  existing: Record<string, string> = {},
) {
  const store = new SecretStore(existing, []);
  const entry = foundServer({ command: 'npx', args, env }, 'sentry');
  const options = sentryOptions(entry, 'sentry', store);
  return { options, moved: store.moved, values: store.values };
}

describe('a plain entry of the Sentry server', () => {
  it.each<[readonly string[], Record<string, string>, unknown]>([
    [['-y', '@sentry/mcp-server'], {}, {}],
    [['@sentry/mcp-server@latest'], {}, {}],
    [
      ['-y', '@sentry/mcp-server@0.39.0', '--organization-slug=acme', '--project-slug', 'web'],
      {},
      { version: '0.39.0', organizationSlug: 'acme', projectSlug: 'web' },
    ],
    [['-y', '@sentry/mcp-server@0.18.0'], {}, { version: '0.18.0', addScopes: [] }],
    [
      ['-y', '@sentry/mcp-server@0.18.0', '--add-scopes=event:write,project:write'],
      {},
      { version: '0.18.0', addScopes: ['event:write', 'project:write'] },
    ],
    [['-y', '@sentry/mcp-server', '--scopes', 'org:read,event:write'], {}, { addScopes: ['event:write'] }],
    [['-y', '@sentry/mcp-server', '--skills=inspect,triage'], {}, { skills: ['inspect', 'triage'] }],
    [
      ['-y', '@sentry/mcp-server', '--host=sentry.example.com', '--insecure-http'],
      {},
      { host: 'sentry.example.com', insecureHttp: true },
    ],
    [['-y', '@sentry/mcp-server', '--url=https://s.example.com'], {}, { host: 'https://s.example.com' }],
    [['-y', '@sentry/mcp-server', '--debug'], { LOG: 'x' }, { args: ['--debug'], env: { LOG: 'x' } }],
    [
      ['-y', '@sentry/mcp-server'],
      { SENTRY_HOST: 's.example.com', MCP_SKILLS: 'seer' },
      { skills: ['seer'], host: 's.example.com' },
    ],
    [['-y', '@sentry/mcp-server', '--organization-slug=${ORG}'], {}, { organizationSlug: '${ORG}' }],
  ])('%j %j', (args, env, wanted) => {
    expect(read(args, env).options).toEqual(wanted);
  });

  it.each([
    [['-y', '@sentry/mcp-server', `--access-token=${TOKEN}`], {}],
    [['-y', '@sentry/mcp-server', '--access-token', TOKEN], {}],
    [['-y', '@sentry/mcp-server'], { SENTRY_ACCESS_TOKEN: TOKEN }],
    [['-y', '@sentry/mcp-server'], { SENTRY_AUTH_TOKEN: TOKEN }],
  ])('its token moves to where sentry() looks for it: %j', (args, env) => {
    const { options, moved, values } = read(args, env);
    expect([options, moved, values]).toEqual([{}, ['SENTRY_AUTH_TOKEN'], [TOKEN]]);
  });

  it('keeps its own token where there is another', () => {
    const { options, moved } = read(
      ['@sentry/mcp-server'],
      { SENTRY_ACCESS_TOKEN: TOKEN },
      { SENTRY_AUTH_TOKEN: 'x' },
    );
    expect(options).toEqual({ env: { SENTRY_ACCESS_TOKEN: '${SENTRY_AUTH_TOKEN_2}' } });
    expect(moved).toEqual(['SENTRY_AUTH_TOKEN_2']);
  });

  it('keeps the variable that its token comes from', () => {
    expect(read(['@sentry/mcp-server'], { SENTRY_ACCESS_TOKEN: '${MINE}' }).options).toEqual({
      env: { SENTRY_ACCESS_TOKEN: '${MINE}' },
    });
    expect(read(['@sentry/mcp-server'], { SENTRY_ACCESS_TOKEN: '${SENTRY_AUTH_TOKEN}' }).options).toEqual({});
  });

  it('hides what else is secret', () => {
    const { options, moved } = read(['@sentry/mcp-server', '--x-key=abc'], {
      OPENAI_API_KEY: 'k',
      SENTRY_DSN: 'https://a@h/1',
    });
    expect(options).toEqual({
      telemetry: true,
      args: ['--x-key=${SENTRY_X_KEY}'],
      env: { OPENAI_API_KEY: '${OPENAI_API_KEY}', SENTRY_DSN: 'https://a@h/1' },
    });
    expect(moved).toEqual(['OPENAI_API_KEY', 'SENTRY_X_KEY']);
  });
});

test('other servers are none', () => {
  expect(read(['-y', '@sentry/mcp-server-x']).options).toBeNull();
  expect(read(['-y', '-p', 'a', '-p', '@sentry/mcp-server', 'b']).options).toBeNull();
});
