import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/schema.ts';
import { parseSentryOverrides } from '../../../../src/config/sentry-overrides.ts';
import type { SentryOverrides } from '../../../../src/model.ts';
import { withSentryOverrides } from '../../../../src/servers/sentry/overrides.ts';

function server(options: Record<string, unknown>) {
  const result = parseConfig({ servers: { one: options } });
  const config = result.ok ? result.config.servers['one'] : undefined;
  if (config === undefined) throw new Error(JSON.stringify(result));
  return config;
}

describe('withSentryOverrides', () => {
  const sentry = server({
    preset: 'sentry',
    addScopes: ['team:write'],
    skills: ['seer'],
    organizationSlug: 'acme',
    projectSlug: 'shop',
  });

  it.each<[SentryOverrides, Record<string, unknown>]>([
    [{}, {}],
    [{ addScopes: ['event:write'] }, { addScopes: ['event:write'], skills: undefined }],
    [{ addScopes: [] }, { addScopes: [], skills: undefined }],
    [{ organizationSlug: 'other' }, { organizationSlug: 'other' }],
    [{ projectSlug: 'web' }, { projectSlug: 'web' }],
  ])('%j beats the config, and leaves the rest', (overrides, changed) => {
    expect(withSentryOverrides(sentry, overrides)).toEqual({ ...sentry, ...changed });
  });

  it('is no matter of other servers', () => {
    const plain = server({ command: 'x' });
    expect(withSentryOverrides(plain, { addScopes: ['event:write'], projectSlug: 'web' })).toBe(plain);
  });
});

describe('parseSentryOverrides', () => {
  it('takes what a config could have', () => {
    const overrides = { addScopes: ['event:write'], organizationSlug: 'acme', projectSlug: '${SLUG}' };
    expect(parseSentryOverrides(overrides)).toEqual(overrides);
    expect(parseSentryOverrides({ addScopes: [] })).toEqual({ addScopes: [] });
  });

  it('says everything that is wrong, and repeats no value', () => {
    const token = 'sntryu_0123456789abcdef';
    const wrong = { addScopes: ['event:write', token], organizationSlug: token, projectSlug: '${no name}' };
    expect(() => parseSentryOverrides(wrong)).toThrow(
      [
        '--sentry-add-scopes, its 2. scope, is no scope, such as event:write',
        '--sentry-organization-slug holds a Sentry token; put it into .env, and write ${SENTRY_AUTH_TOKEN} here',
        '--sentry-project-slug has a ${ that is no ${NAME} or ${NAME:-default}; write $${ for a literal ${',
      ].join('\n'),
    );
  });
});
