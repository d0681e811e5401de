import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { type Door, hostileRequest } from '../support/hostile-requests.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { type RawResponse, rawHttp } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

const FUZZ_MS = 12_000;
/** A supervisor takes about 90 MB; what it is sent here is far more than this leaves room for. */
const MAX_RSS_MB = 400;

test('whatever clients send: each gets a proper answer, and nobody else notices', async () => {
  await using project = new TestProject({
    servers: { tiny: fixtureServer(fixture('tiny')) },
    gateway: { maxBodyBytes: 512 * 1024 },
  });
  await project.ok('up');
  const supervisor = project.pidIn('supervisor.json');
  const { pid } = await project.server('tiny');
  const { url, token } = await project.endpoint('tiny');
  await using good = await connect({ url, token });
  await using other = await connect({ url, token });
  const door: Door = { path: '/tiny/mcp', token, session: String(other.transport.sessionId) };
  const port = Number(new URL(url).port);

  let fuzzing = true;
  const beside = (async () => {
    let count = 0;
    for (; fuzzing; count++) expect(await good.text('echo', { count })).toBe(JSON.stringify({ count }));
    return count;
  })();
  const volley = fc.array(hostileRequest, { minLength: 1, maxLength: 6 });
  const fuzz = fc.assert(
    fc.asyncProperty(volley, async (plans) => {
      await Promise.all(
        plans.map(async (plan) => {
          for (const response of await rawHttp(port, plan(door))) expectProper(response);
        }),
      );
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: FUZZ_MS },
  );
  const ended = fuzz.finally(() => {
    fuzzing = false;
  });
  const [hostile, friendly] = await Promise.allSettled([ended, beside]);
  if (hostile.status === 'rejected') throw hostile.reason;
  expect(friendly).toEqual({ status: 'fulfilled', value: expect.any(Number) });
  const row = await until('no call is left behind', async () => {
    const now = await project.server('tiny');
    return now.calls === 0 && now;
  });
  expect(row).toMatchObject({ pid, restarts: 0, state: 'ready' });
  expect(project.pidIn('supervisor.json')).toBe(supervisor);
  expect(rssMb(supervisor)).toBeLessThan(MAX_RSS_MB);
});

test('a client that sends more than it may reads why, although it is still sending', async () => {
  await using project = new TestProject({
    servers: { tiny: fixtureServer(fixture('tiny')) },
    gateway: { maxBodyBytes: 64 * 1024 },
  });
  await project.ok('up');
  const { url, token } = await project.endpoint('tiny');
  const port = Number(new URL(url).port);
  const body = Buffer.alloc(8 * 1024 * 1024, 'x');
  const headers = { Authorization: `Bearer ${token}`, Accept: '*/*', 'Content-Type': 'application/json' };
  const lines = Object.entries({ Host: '127.0.0.1', Connection: 'close', ...headers }).map((line) =>
    line.join(': '),
  );
  const head = (more: string) =>
    Buffer.from(`POST /tiny/mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\n${more}\r\n\r\n`);
  const declared = [head(`Content-Length: ${body.length}`), body];
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  const undeclared = [head('Transfer-Encoding: chunked'), size, body, Buffer.from('\r\n0\r\n\r\n')];
  for (let turn = 0; turn < 8; turn++) {
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(413);
    for (const chunks of [declared, undeclared]) {
      const [answer] = await rawHttp(port, { chunks, ending: 'wait', responses: 1 });
      expect(answer).toMatchObject({ status: 413, body: expect.stringMatching(/larger than 65536 bytes/) });
    }
  }
});

/** An answer of ours or of node:http, but no failure of ours; JSON is JSON-RPC. */
function expectProper({ status, headers, body, complete }: RawResponse): void {
  expect(status, body).toBeLessThan(500);
  if (!complete || !headers['content-type']?.startsWith('application/json')) return;
  const message = JSON.parse(body) as { jsonrpc: unknown; id: unknown; error?: unknown; result?: unknown };
  expect(message.jsonrpc).toBe('2.0');
  if (status < 400 && 'result' in message) return;
  expect(message.error).toEqual(
    expect.objectContaining({ code: expect.any(Number), message: expect.stringMatching(/./) }),
  );
}

function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
}
