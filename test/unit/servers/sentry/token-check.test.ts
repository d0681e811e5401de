import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tokenCheck } from '../../../../src/servers/sentry/token-check.ts';

/** A host that takes every token, and how often it was asked. */
async function startHost() {
  const seen = { requests: 0 };
  const service = createServer((_, response) => {
    seen.requests += 1;
    response.end('{"auth":{"scopes":["event:read"]}}');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void service.close());
  return { host: `127.0.0.1:${(service.address() as AddressInfo).port}`, seen };
}

const checkOf = (host: string, token: string) =>
  tokenCheck({
    ...{ site: { host, insecureHttp: true }, token, tools: [], requested: [] },
    ...{
      variable: 'SENTRY_AUTH_TOKEN',
      variables: ['SENTRY_AUTH_TOKEN'],
      tokenVariables: ['SENTRY_AUTH_TOKEN'],
    },
  });

const { signal } = new AbortController();

describe('what can be no token', () => {
  it.each([
    ['an em dash', 'sntryu_canary\u2014token'],
    ['a control byte', 'sntryu_canary\u0001token'],
    ['DEL', 'sntryu_canary\u007ftoken'],
    ['a line break', 'sntryu_canary\ntoken'],
    ['a space', 'sntryu_canary token'],
    ['a space that does not break', 'sntryu_canary\u00a0token'],
    ['a letter with an accent', 'sntryu_c\u00e1nary'],
    ['an emoji', 'sntryu_canary\u{1f511}'],
  ])('is rejected with %s, and nobody is asked', async (_what, token) => {
    const { host, seen } = await startHost();
    const check = checkOf(host, token);
    const verdict = await check.ask(signal);
    expect(verdict).toEqual({
      kind: 'rejected',
      detail: expect.stringMatching(/character that no token has/),
    });
    expect(seen.requests).toBe(0);
    const findings = check.findings(verdict);
    expect(findings).toMatchObject([
      { code: 'token.rejected', severity: 'error', subject: 'SENTRY_AUTH_TOKEN' },
    ]);
    // The host has said nothing of the kind, and the value is a secret all the same.
    expect(findings[0]?.message).not.toContain(host);
    expect(JSON.stringify([verdict, findings])).not.toContain('nary');
  });

  it('is rejected where it is longer than any token, which a proxy would refuse with a status that tells nothing', async () => {
    const { host, seen } = await startHost();
    const check = checkOf(host, 'a'.repeat(4097));
    const verdict = await check.ask(signal);
    expect(verdict).toEqual({ kind: 'rejected', detail: 'it is longer than 4096 characters' });
    expect(seen.requests).toBe(0);
    expect((await checkOf(host, 'a'.repeat(4096)).ask(signal)).kind).toBe('accepted');
  });

  it.each(['sntryu_0123456789abcdef', '0123456789abcdef', 'sntrys_eyJ+/a=_b-c.d~'])(
    'is not what %s is: it is asked about',
    async (token) => {
      const { host, seen } = await startHost();
      expect(await checkOf(host, token).ask(signal)).toEqual({ kind: 'accepted', scopes: ['event:read'] });
      expect(seen.requests).toBe(1);
    },
  );
});
