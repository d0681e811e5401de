import { describe, expect, it } from 'vitest';
import type { WebhookConfig } from '../../../src/config/webhook-schema.ts';
import { resolveWebhook } from '../../../src/webhook/target.ts';

const VALUES: Readonly<Record<string, string>> = {
  HOOK: 'https://hooks.example.com/services/secret-path',
  TOKEN: 'secret-token',
  BROKEN: 'secret line\nanother',
  FTP: 'ftp://secret-host/',
  WITH_PASSWORD: 'https://me:secret@example.com/',
};

function resolved(given: Partial<WebhookConfig> | undefined) {
  const config: WebhookConfig | undefined = given && {
    url: '${HOOK}',
    headers: {},
    minSeverity: 'warning',
    timeoutMs: 10_000,
    ...given,
  };
  return resolveWebhook(config, (name) => VALUES[name], '.env.shop');
}

describe('a webhook', () => {
  it('is not there where the config has none', () => {
    expect(resolved(undefined)).toEqual({ target: null, warnings: [], secrets: [] });
  });

  it('is filled in, and its URL is a secret also where no variable holds all of it', () => {
    const { target, warnings, secrets } = resolved({
      url: '${HOOK}/${MORE:-x}',
      headers: { Authorization: 'Bearer ${TOKEN}' },
    });
    expect(warnings).toEqual([]);
    expect(target).toMatchObject({
      url: `${VALUES['HOOK']}/x`,
      headers: { Authorization: 'Bearer secret-token' },
    });
    expect(secrets).toEqual([`${VALUES['HOOK']}/x`]);
  });

  it('is off without a variable, and says which one and where to put it', () => {
    const { target, warnings } = resolved({
      url: '${NOBODY}',
      headers: { a: '${TOKEN}${NOR_HIM}${NOBODY}' },
    });
    expect(target).toBeNull();
    expect(warnings).toMatchObject([
      { code: 'webhook.unusable', subject: 'NOBODY', hint: expect.stringContaining('NOBODY=… to .env.shop') },
      { code: 'webhook.unusable', subject: 'NOR_HIM' },
    ]);
  });

  it.each<[string, Partial<WebhookConfig>, string]>([
    ['of another kind', { url: '${FTP}' }, 'its url is no http or https URL'],
    ['that is none', { url: 'x${TOKEN}' }, 'its url is no URL'],
    [
      'with a password',
      { url: '${WITH_PASSWORD}' },
      'its url has a user name or a password in it; use headers',
    ],
    [
      'with a header of two lines',
      { headers: { a: '${BROKEN}' } },
      'its header a has characters that no header may have',
    ],
  ])('is off with a URL %s, and repeats nothing of it', (_what, given, problem) => {
    const { target, warnings } = resolved(given);
    expect(target).toBeNull();
    expect(warnings.map(({ message }) => message)).toEqual([`The webhook for warnings is off: ${problem}.`]);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });
});
