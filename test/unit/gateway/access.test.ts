import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAuthorized } from '../../../src/gateway/auth.ts';
import { ACCEPT, AUTHORIZATION, fetchAll, HttpSession, posting } from '../../support/mcp-http.ts';
import { OpenGateway, TOKEN } from '../../support/open-gateway.ts';

let gateway: OpenGateway;
beforeAll(async () => {
  gateway = await OpenGateway.start();
  gateway.serve();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
const HELLO = { id: 1, method: 'initialize', params };
const hello = (headers: Record<string, string>) => fetchAll(gateway.url, posting(HELLO, headers));

describe('Host and Origin, against DNS rebinding', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('lets in who calls it %s', async (name) => {
    expect(await hello({ host: `${name}:${gateway.port}` })).toMatchObject({ status: 200 });
    expect(await hello({ host: name, origin: `http://${name}:3000` })).toMatchObject({ status: 200 });
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '10.0.0.1',
  ])('refuses the host %j', async (host) => {
    const { status, text } = await hello({ host });
    expect(status).toBe(403);
    expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { message: /Host/ } });
  });

  it('refuses who does not say how it calls it', async () => {
    expect(await drip(gateway, 'GET /healthz HTTP/1.0\r\n\r\n', '\r\n')).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each(['https://evil.example', 'http://localhost.evil.example', 'null', 'file://', ''])(
    'refuses the origin %j',
    async (origin) => {
      const { status, text } = await hello({ origin });
      expect(status).toBe(403);
      expect(text).toContain('Origin');
    },
  );

  it('refuses them everywhere, also where no token is needed', async () => {
    for (const path of ['/healthz', '/readyz', '/nothing']) {
      expect(await fetchAll(gateway.origin + path, { headers: { host: 'evil.example' } })).toMatchObject({
        status: 403,
      });
    }
  });

  it('cannot know its own names on an address that others reach; there the token is what counts', async () => {
    await using other = await OpenGateway.start({ host: '192.0.2.1' });
    other.serve();
    const headers = { host: 'mcp.example', origin: 'https://mcp.example' };
    expect(await fetchAll(other.url, posting(HELLO, headers))).toMatchObject({ status: 200 });
    const stranger = await fetchAll(other.url, posting(HELLO, { ...headers, authorization: 'Bearer x' }));
    expect(stranger.status).toBe(401);
  });
});

describe('the bearer token', () => {
  it.each([
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Basic ${TOKEN}`,
    TOKEN,
    'Bearer',
    'Bearer ',
    '',
  ])('is not %j', async (authorization) => {
    const { status, headers, text } = await hello({ authorization });
    expect(status).toBe(401);
    expect(headers['mcp-session-id']).toBeUndefined();
    expect(text).not.toContain(TOKEN);
  });

  it('pitfall "401": begins no OAuth, neither in the refusal nor at the addresses where clients look', async () => {
    const { status, headers, text } = await hello({ authorization: 'Bearer wrong' });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBeUndefined();
    expect(JSON.parse(text)).toMatchObject({ error: { message: /\.mcp-supervisor\/token/ } });
    const paths = [
      '/.well-known/oauth-protected-resource',
      '/.well-known/oauth-protected-resource/scripted/mcp',
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/scripted/.well-known/openid-configuration',
      '/register',
      '/authorize',
      '/token',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const found = await fetchAll(gateway.origin + path, { method, body: method === 'POST' ? '{}' : '' });
        expect({ path, ...found }).toMatchObject({ status: 404, text: 'not found\n' });
        expect(found.headers['content-type']).toContain('text/plain');
      }
    }
  });

  it('is asked for before anything is said of which servers there are', async () => {
    const url = `${gateway.origin}/unknown/mcp`;
    expect(await fetchAll(url, posting(HELLO, { authorization: 'Bearer x' }))).toMatchObject({ status: 401 });
    expect(await fetchAll(url, posting(HELLO))).toMatchObject({ status: 404 });
  });

  it('is compared in a time that does not tell how much of it was right: by digests of equal length', () => {
    // Lengths differ, which timingSafeEqual itself would refuse with an exception.
    for (const given of ['', 'x', TOKEN.slice(0, 3), `${TOKEN}${TOKEN}`, '\u{1F600}']) {
      expect(isAuthorized(`Bearer ${given}`, TOKEN)).toBe(false);
    }
    expect(isAuthorized(`Bearer ${TOKEN}`, TOKEN)).toBe(true);
    expect(isAuthorized(`bearer   ${TOKEN}`, TOKEN)).toBe(true);
    expect(isAuthorized(undefined, TOKEN)).toBe(false);
  });

  it('is not needed where the config says so', async () => {
    await using open = await OpenGateway.start({ token: null });
    open.serve();
    const { headers, ...rest } = posting(HELLO);
    const { authorization: _, ...without } = headers ?? {};
    expect(await fetchAll(open.url, { ...rest, headers: without })).toMatchObject({ status: 200 });
  });
});

describe('health', () => {
  it('/healthz says that it is alive, to anybody here', async () => {
    expect(await fetchAll(`${gateway.origin}/healthz`)).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('/readyz is 503 until every wanted server is ready, and names those that are not', async () => {
    const missing = ['sentry', 'other'];
    await using waiting = await OpenGateway.start({ notReady: () => missing });
    const url = `${waiting.origin}/readyz?x=1`;
    expect(await fetchAll(url)).toMatchObject({ status: 503, text: 'sentry\nother\n' });
    missing.length = 0;
    expect(await fetchAll(url)).toMatchObject({ status: 200, text: 'ok\n' });
  });
});

describe('what HTTP asks for', () => {
  it('methods that MCP does not have are refused, with those that it has', async () => {
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'HEAD']) {
      const { status, headers } = await fetchAll(gateway.url, {
        method,
        headers: { authorization: AUTHORIZATION },
      });
      expect({ method, status, allow: headers.allow }).toEqual({
        method,
        status: 405,
        allow: 'GET, POST, DELETE',
      });
    }
  });

  it('a client must take both kinds of answer, and send JSON', async () => {
    expect((await hello({ accept: 'application/json' })).status).toBe(406);
    expect((await hello({ accept: 'text/event-stream' })).status).toBe(406);
    expect((await hello({ accept: '*/*' })).status).toBe(200);
    expect((await hello({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await hello({ 'content-type': 'application/jsonp' })).status).toBe(415);
    expect((await hello({ 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
    const headers = { authorization: AUTHORIZATION, accept: 'application/json' };
    expect((await fetchAll(gateway.url, { headers })).status).toBe(406);
  });

  it('headers beyond 16 KiB are refused, and no memory is given to them', async () => {
    const reply = await fetchAll(gateway.url, posting(HELLO, { 'x-padding': 'x'.repeat(17 * 1024) }));
    expect(reply.status).toBe(431);
    const fits = await hello({ 'x-padding': 'x'.repeat(8 * 1024) });
    expect(fits.status).toBe(200);
  });

  it('what is no HTTP gets 400 and the end of its connection', async () => {
    const answer = await drip(gateway, 'GARBAGE\r\n\r\n', '\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('the server is found with and without a slash at the end, and nothing below it', async () => {
    expect(await fetchAll(`${gateway.url}/`, posting(HELLO))).toMatchObject({ status: 200 });
    expect(await fetchAll(`${gateway.url}?a=b`, posting(HELLO))).toMatchObject({ status: 200 });
    expect(await fetchAll(`${gateway.url}/more`, posting(HELLO))).toMatchObject({ status: 404 });
    expect(await fetchAll(`${gateway.origin}//mcp`, posting(HELLO))).toMatchObject({ status: 404 });
  });
});

describe('slow loris', () => {
  const HEAD = [
    'POST /scripted/mcp HTTP/1.1',
    'host: localhost',
    `authorization: ${AUTHORIZATION}`,
    `accept: ${ACCEPT}`,
    'content-type: application/json',
    '',
  ].join('\r\n');

  it('a client that drips its headers is cut off', async () => {
    await using gateway = await OpenGateway.start({ headersMs: 300, requestMs: 600_000 });
    expect(await drip(gateway, HEAD, 'x-more: 1\r\n')).toMatch(CUT_OFF);
    await gateway.closed();
  });

  it('a client that drips its body is cut off', async () => {
    await using gateway = await OpenGateway.start({ headersMs: 200, requestMs: 500 });
    gateway.serve();
    const begin = `${HEAD}content-length: 1000000\r\n\r\n{`;
    expect(await drip(gateway, begin, ' ')).toMatch(CUT_OFF);
    await gateway.closed();
  });

  it('a call that takes longer than a request may is not', async () => {
    await using gateway = await OpenGateway.start({ headersMs: 200, requestMs: 500 });
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    const session = await HttpSession.begin(gateway);
    const call = session.call('slow');
    const { id } = await child.request('tools/call');
    // When this one is cut off, both have been looked at.
    await drip(gateway, `${HEAD}content-length: 1000000\r\n\r\n{`, ' ');
    child.say({ id, result: { late: true } });
    expect(await call).toMatchObject({ result: { late: true } });
  });
});

/** A drop that falls on the closed connection resets it, and may take the answer along. */
const CUT_OFF = /^(?:HTTP\/1\.1 408 .*)?$/s;

/** Sends drops, until the connection is closed; what came back. */
function drip({ port }: OpenGateway, begin: string, drop: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    // Before any drop, however long it takes to be connected.
    socket.write(begin);
    const dripping = setInterval(() => socket.write(drop), 20);
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    // Drops that fall on a closed connection.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(dripping);
      resolve(answer);
    });
  });
}
