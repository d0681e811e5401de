import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventsOf, type ServerEvent } from '../../../src/connect/events.ts';
import { Cut } from '../../../src/connect/wire.ts';

const never = () => false;

async function read(chunks: readonly Buffer[]): Promise<{ id: string | null; data: string | null }[]> {
  const events: ServerEvent[] = [];
  for await (const event of eventsOf(Readable.from(chunks) as IncomingMessage, never)) events.push(event);
  return events.map(({ id, data }) => ({ id, data: data?.toString() ?? null }));
}

describe('eventsOf', () => {
  it('reads the same events wherever the bytes are cut', async () => {
    const text = [
      'id: get_1\nretry: 500\ndata: \n\n',
      ': keep-alive\n\n',
      'event: message\nid: get_2\ndata: {"a":"grüße, \u{1F600}"}\n\n',
      'event: message\r\ndata:{"b":\r\ndata: 1}\r\n\r\n',
      'id\nunknown: field\n\n',
      'id: get_3\ndata: {"unfinished":',
    ].join('');
    const bytes = Buffer.from(text);
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const at = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(await read(chunks.filter((chunk) => chunk.length > 0))).toEqual([
          { id: 'get_1', data: null },
          { id: 'get_2', data: '{"a":"grüße, \u{1F600}"}' },
          { id: null, data: '{"b": 1} ' },
        ]);
      }),
    );
  });

  it('throws Cut where the stream breaks off, after what came before', async () => {
    const response = new PassThrough();
    response.write('id: 1_1\ndata: {}\n\nid: 1_2\ndata: {');
    const events = eventsOf(response as unknown as IncomingMessage, never);
    expect((await events.next()).value).toMatchObject({ id: '1_1' });
    response.destroy(new Error('aborted'));
    await expect(events.next()).rejects.toThrow(Cut);
  });
});

describe('a stream that says nothing', () => {
  afterEach(() => void vi.useRealTimers());

  it('is given up after a minute, unless we are the ones who do not read', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const response = new PassThrough();
    let paused = true;
    const next = eventsOf(response as unknown as IncomingMessage, () => paused).next();
    const outcome = next.then(
      () => 'an event',
      (error: unknown) => error,
    );
    await vi.advanceTimersByTimeAsync(150_000);
    expect(response.destroyed).toBe(false);
    paused = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await outcome).toBeInstanceOf(Cut);
  });

  it('is not while it says that it is alive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const response = new PassThrough();
    const next = eventsOf(response as unknown as IncomingMessage, never).next();
    for (let quarter = 0; quarter < 20; quarter += 1) {
      response.write(': keep-alive\n\n');
      await vi.advanceTimersByTimeAsync(15_000);
    }
    response.write('data: {}\n\n');
    expect((await next).value).toMatchObject({ data: Buffer.from('{}') });
    response.destroy();
  });
});
