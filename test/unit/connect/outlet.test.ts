import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outlet } from '../../../src/connect/outlet.ts';

const message = (text: string) => Buffer.from(text);

describe('Outlet', () => {
  it('writes whole messages, one a line, to the byte', async () => {
    const stream = new PassThrough();
    const outlet = new Outlet(stream);
    expect(await outlet.write(message('{"jsonrpc":"2.0","id":1,"result":"\u{1F600}"}'))).toBe(true);
    expect(await outlet.write(message('{"jsonrpc":"2.0",\r\n"id":2,\n"result":{}}'))).toBe(true);
    expect(stream.read().toString()).toBe(
      '{"jsonrpc":"2.0","id":1,"result":"\u{1F600}"}\n{"jsonrpc":"2.0", "id":2, "result":{}}\n',
    );
  });

  it.each(['<html>', '', 'ok', '{"status":"ok"}', '{"jsonrpc":"2.0"'])('never writes %j', async (text) => {
    const stream = new PassThrough();
    expect(await new Outlet(stream).write(message(text))).toBe(false);
    expect(stream.read()).toBeNull();
  });

  it('has who writes wait while the client does not read, and nobody for ever where it goes', async () => {
    const held: (() => void)[] = [];
    const stream = new Writable({
      highWaterMark: 10,
      write: (_chunk, _encoding, done) => void held.push(done),
      writev: (_chunks, done) => void held.push(done),
    });
    const outlet = new Outlet(stream);
    const first = outlet.write(message('{"jsonrpc":"2.0","id":1,"result":{}}'));
    expect(outlet.blocked).toBe(true);
    const second = outlet.write(message('{"jsonrpc":"2.0","id":2,"result":{}}'));
    while (held.length > 0) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(outlet.blocked).toBe(false);

    const third = outlet.write(message('{"jsonrpc":"2.0","id":3,"result":{}}'));
    stream.destroy(Object.assign(new Error('broken'), { code: 'EPIPE' }));
    await outlet.closed;
    await third;
    expect(await outlet.write(message('{"jsonrpc":"2.0","id":4,"result":{}}'))).toBe(true);
  });
});
