import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { urlCheck } from '../../../src/servers/url-check.ts';

const { signal } = new AbortController();

/** What is asked with that value in a header, and whether the service heard of it. */
async function ask(value: string, protocol = 'http') {
  let heard = false;
  const service = createServer((_, response) => {
    heard = true;
    response.end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void service.close());
  const url = `${protocol}://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const check = urlCheck({
    server: 'any',
    url,
    headers: { 'x-fine': 'é', 'x-key': value },
    variables: ['KEY'],
  });
  const verdict = await check.ask(signal);
  return { verdict, heard, findings: check.findings(verdict) };
}

it.each(['canary\u2014', 'canary\u0000', 'canary\u007f', 'canary\r\nx-more: 1', 'canary\u{1f511}'])(
  'rejects what no header can hold, such as %j, and asks nobody',
  async (value) => {
    const { verdict, heard, findings } = await ask(value);
    expect(verdict).toEqual({ kind: 'rejected', detail: expect.stringContaining('the header x-key') });
    expect(heard).toBe(false);
    expect(findings).toMatchObject([{ code: 'token.rejected' }]);
    expect(JSON.stringify([verdict, findings])).not.toContain('canary');
  },
);

it.each(['canary', 'cañary', 'ca\tnary', ''])(
  'leaves it to the service what it takes, such as %j',
  async (value) => {
    expect(await ask(value)).toMatchObject({ verdict: { kind: 'accepted' }, heard: true, findings: [] });
  },
);

it('does not know what a service says that speaks http where https is asked for, and calls it that', async () => {
  expect(await ask('canary', 'https')).toEqual({
    verdict: { kind: 'unknown', detail: expect.stringMatching(/: it does not speak https$/) },
    heard: false,
    findings: [],
  });
});
