import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/schema.ts';
import { fetchAll, HttpSession, posting } from '../../support/mcp-http.ts';
import { OpenGateway } from '../../support/open-gateway.ts';

const MiB = 1024 * 1024;

describe('the size of a message', () => {
  it('is 16 MiB unless the config says otherwise', () => {
    const limit = (gateway: object) => {
      const parsed = parseConfig({ gateway, servers: {} });
      return parsed.ok ? parsed.config.gateway.maxBodyBytes : parsed.problems;
    };
    expect(limit({})).toBe(16 * MiB);
    expect(limit({ maxBodyBytes: 64 * MiB })).toBe(64 * MiB);
  });

  it.each([1024, 16 * MiB])('%i bytes: as much is taken, and one more is not', async (maxBodyBytes) => {
    await using gateway = await OpenGateway.start({ maxBodyBytes });
    gateway.serve({
      answers: { 'tools/call': ({ arguments: args }) => ({ length: JSON.stringify(args).length }) },
    });
    const session = await HttpSession.begin(gateway);
    const frame = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":""}}';
    const exact = frame.replace('""', `"${'x'.repeat(maxBodyBytes - frame.length)}"`);
    const fits = await session.post(exact);
    expect(await fits.message('an answer', ({ id }) => id === 1)).toMatchObject({
      result: { length: maxBodyBytes - frame.length + 2 },
    });
    const { status, text } = await fetchAll(
      gateway.url,
      posting(exact.replace('"}', 'x"}'), session.headers),
    );
    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ id: null, error: { code: -32600 } });
    expect(text).toContain(`${maxBodyBytes} bytes`);
  });

  it('a client that is still sending sees the 413 and no broken connection, and can go on with the same one', async () => {
    await using gateway = await OpenGateway.start({ maxBodyBytes: MiB });
    gateway.serve();
    const { headers } = posting('');
    for (const chunked of [false, true]) {
      const { status, reused } = await new Promise<{ status: number; reused: number }>((resolve, reject) => {
        const request = httpRequest(gateway.url, {
          method: 'POST',
          headers: { ...headers, ...(chunked ? {} : { 'content-length': 40 * MiB }) },
        });
        request.once('error', reject);
        request.once('response', (response) => {
          response.resume();
          // What is left of the body follows when the refusal is there already.
          request.end(Buffer.alloc(chunked ? 5 * MiB : 35 * MiB, 0x20));
          request.once('close', () =>
            resolve({ status: response.statusCode ?? 0, reused: gateway.connections }),
          );
        });
        request.write(Buffer.alloc(5 * MiB, 0x20));
      });
      expect(status).toBe(413);
      expect(reused).toBe(1);
    }
    const whole = { method: 'POST', headers: headers ?? {}, body: 'x'.repeat(30 * MiB) };
    // As clients have it that do not look at an answer before they are done.
    expect((await fetch(gateway.url, whole)).status).toBe(413);
  });

  it('a client that breaks off in the middle of its message leaves nothing behind', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    const { headers } = posting('', session.headers);
    const request = httpRequest(gateway.url, {
      method: 'POST',
      headers: { ...headers, 'content-length': 1_000 },
      agent: false,
    });
    request.on('error', () => {});
    request.write('{"jsonrpc":"2.0","id":1,"method":"tools/call"', () => request.destroy());
    await gateway.closed();
    expect(child.lines).toEqual([]);
    expect(await session.call('echo', { a: 1 })).toMatchObject({ result: { echo: { a: 1 } } });
  });
});

describe('what is no message', () => {
  it.each([
    ['', 'no JSON'],
    ['{', 'no JSON'],
    ['{"jsonrpc":"2.0","id":1,"method":"ping"} ', null],
    ['\ufeff{}', 'no JSON'],
    ['null', 'no JSON-RPC'],
    ['1', 'no JSON-RPC'],
    ['"text"', 'no JSON-RPC'],
    ['{}', 'no JSON-RPC'],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', 'no JSON-RPC'],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', 'no JSON-RPC'],
    ['[]', 'A batch has 1 to 100'],
    [`[${'{},'.repeat(100)}{}]`, 'A batch has 1 to 100'],
    ['[1]', 'no JSON-RPC'],
  ])('%.50j is answered with what is wrong', async (body, problem) => {
    await using gateway = await OpenGateway.start();
    gateway.serve();
    const session = await HttpSession.begin(gateway);
    const { status, text } = await fetchAll(gateway.url, posting(body, session.headers));
    expect(status).toBe(problem === null ? 200 : 400);
    if (problem !== null) expect(JSON.parse(text)).toMatchObject({ id: null, error: { message: /./ } });
    expect(text).toContain(problem ?? '');
  });
});

describe('pitfall "the message schema is not lossless"', () => {
  const MESSAGE =
    '{"jsonrpc":"2.0","extra":{"top":true},"id":ID,"method":"tools/call","params":{"name":"t","arguments":{"big":12345678901234567890,"exact":1.10,"e":1E+2,"twice":1,"twice":2,"escaped":"\\u00e9\\/\\ud83d\\ude00"}}}';
  const RESULT = '"result":{"big":98765432109876543210,"exact":0.10,"escaped":"\\u00e9\\/"},"extra":[1.0]';
  const ERROR =
    '"error":{"code":-32602,"message":"no","data":{"big":98765432109876543210},"unknown":{"key":1.0}}';

  it('what a client wrote reaches the child to the byte, but for the id', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    for (const id of ['7', '"seven"', '1.0', '-0']) {
      await session.post(MESSAGE.replace('ID', id));
      const line = child.lines.at(-1) ?? '';
      const seen = JSON.stringify((JSON.parse(line) as { id: string }).id);
      expect(line).toBe(MESSAGE.replace('ID', seen));
    }
  });

  it.each([
    ['{"jsonrpc":"2.0","id":ID,', RESULT, '}'],
    ['{', RESULT, ',"jsonrpc":"2.0","id":ID}'],
    ['{"jsonrpc":"2.0","id":ID,', ERROR, '}'],
    ['{', ERROR, ',"jsonrpc":"2.0","id":ID}'],
    ['{ "id" : ID , ', RESULT, ' , "jsonrpc" : "2.0" }'],
  ])('what a child wrote reaches the client to the byte, but for the id: %s%s%s', async (...parts) => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    const session = await HttpSession.begin(gateway);
    const reply = fetchAll(
      gateway.url,
      posting('{"jsonrpc":"2.0","id":1.0,"method":"tools/call"}', session.headers),
    );
    const { id } = await child.request('tools/call');
    child.say(parts.join('').replace('ID', JSON.stringify(id)));
    expect((await reply).text).toBe(parts.join('').replace('ID', '1.0'));
  });

  it('a message over several lines is one line for the child', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve();
    const session = await HttpSession.begin(gateway);
    const reply = await session.post(
      '{\r\n"jsonrpc":"2.0",\n"id":1,\n"method":"tools/call","params":{"name":\n"t"}}\n',
    );
    await reply.message('the answer', ({ id }) => id === 1);
    expect(child.lines.at(-1)).not.toMatch(/[\r\n]/);
    expect(child.got('tools/call')).toMatchObject([{ params: { name: 't' } }]);
  });

  it('notifications and answers to the child too', async () => {
    await using gateway = await OpenGateway.start();
    const child = gateway.serve({ answers: { 'tools/call': () => undefined } });
    const session = await HttpSession.begin(gateway, { capabilities: { sampling: {} } });
    await session.post('{"jsonrpc":"2.0","method":"notifications/x","params":{"big":12345678901234567890}}');
    expect(child.lines.at(-1)).toBe(
      '{"jsonrpc":"2.0","method":"notifications/x","params":{"big":12345678901234567890}}',
    );
    const reply = await session.post({ id: 1, method: 'tools/call', params: {} });
    const { id: callId } = await child.request('tools/call');
    child.say(
      '{"jsonrpc":"2.0","id":0,"method":"sampling/createMessage","params":{"big":12345678901234567890}}',
    );
    const asked = await reply.message('the question', ({ method }) => method === 'sampling/createMessage');
    expect(reply.text).toContain('"params":{"big":12345678901234567890}');
    await session.post(
      `{"jsonrpc":"2.0","id":${JSON.stringify(asked.id)},"result":{"big":12345678901234567890}}`,
    );
    expect(child.lines.at(-1)).toBe('{"jsonrpc":"2.0","id":0,"result":{"big":12345678901234567890}}');
    child.say({ id: callId, result: {} });
    await reply.message('the answer', ({ id }) => id === 1);
  });
});
