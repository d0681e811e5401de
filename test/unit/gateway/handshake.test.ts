import { describe, expect, it } from 'vitest';
import { shakeHands } from '../../../src/gateway/handshake.ts';
import { Link, type RpcMessage } from '../../../src/gateway/link.ts';

const HELLO = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'server', version: '1.0.0' },
};

/** Shakes hands with a child that answers `tools/list` like this; returns what it was asked, too. */
async function greet(page: (cursor: string | undefined) => unknown) {
  const asked: string[] = [];
  const link: Link = new Link('server', (line) => {
    const { id, method = '', params } = JSON.parse(line.toString()) as RpcMessage;
    asked.push(method);
    if (id === undefined) return;
    const { cursor } = params as { cursor?: string };
    const result = method === 'initialize' ? HELLO : page(cursor);
    queueMicrotask(() => link.receive({ jsonrpc: '2.0', id, result }));
  });
  const { tools } = await shakeHands(link, { name: 'test', version: '1' }, { timeoutMs: 30_000 });
  return { names: tools.map(({ name }) => name), asked };
}

describe('shakeHands', () => {
  it('introduces itself before it asks for anything, and reads every page', async () => {
    const { names, asked } = await greet((cursor) => {
      return cursor === undefined ? { tools: [{ name: 'a' }], nextCursor: '2' } : { tools: [{ name: 'b' }] };
    });
    expect(names).toEqual(['a', 'b']);
    expect(asked).toEqual(['initialize', 'notifications/initialized', 'tools/list', 'tools/list']);
  });

  it('does not follow a cursor twice', async () => {
    expect((await greet(() => ({ tools: [{ name: 'a' }], nextCursor: 'again' }))).names).toEqual(['a', 'a']);
  });

  it('gives up on a list that does not come to an end', async () => {
    let pages = 0;
    await expect(greet(() => ({ tools: [], nextCursor: String(pages++) }))).rejects.toThrow(
      /has not come to an end/,
    );
    expect(pages).toBe(1_000);
  });

  it.each([null, {}, { tools: 7 }, { tools: [{}] }, { tools: [], nextCursor: 7 }])(
    'says what is wrong with a server that answers tools/list with %j',
    async (page) => {
      await expect(greet(() => page)).rejects.toThrow(/its answer to tools\/list is not what MCP says/);
    },
  );
});
