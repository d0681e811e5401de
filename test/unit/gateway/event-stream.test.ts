import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventStream } from '../../../src/gateway/event-stream.ts';
import { RecordedResponse } from './recorded-response.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('EventStream', () => {
  it('keeps a message whole that has a carriage return between its members', async () => {
    const recorded = new RecordedResponse();
    new EventStream(recorded.response, {}).send('get_1', Buffer.from('{"jsonrpc":"2.0",\r"result":1}'));
    await vi.runAllTicks();
    expect(recorded.messages).toEqual(['{"jsonrpc":"2.0", "result":1}']);
    recorded.close();
  });

  it('says that it is alive until its client is gone', async () => {
    const recorded = new RecordedResponse();
    new EventStream(recorded.response, {});
    expect(vi.getTimerCount()).toBe(1);
    recorded.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin to for a client that has gone already', async () => {
    const recorded = new RecordedResponse();
    recorded.close();
    await vi.advanceTimersByTimeAsync(0);
    const events = new EventStream(recorded.response, {});
    events.send('get_1', Buffer.from('{}'));
    expect(events.open).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
