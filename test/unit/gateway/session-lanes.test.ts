import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Lane } from '../../../src/gateway/lane.ts';
import type { Session } from '../../../src/gateway/session.ts';
import { type LaneHost, SessionLanes } from '../../../src/gateway/session-lanes.ts';
import { Sessions } from '../../../src/gateway/sessions.ts';

const FIELDS = { server: 'browser', client: 'test', capabilities: {}, protocolVersion: '2025-11-25' };

let maxChildren: number;
let opened: Session[];
let closed: Lane[];
let host: LaneHost;
let sessions: Sessions;
let lanes: SessionLanes;

beforeEach(() => {
  vi.useFakeTimers();
  maxChildren = 3;
  opened = [];
  closed = [];
  host = {
    get maxChildren() {
      return maxChildren;
    },
    open: (_lane, session) => void opened.push(session),
    close: (lane) => void closed.push(lane),
  };
  const limits = { maxSessions: 100, idleMs: 60 * 60 * 1000 };
  sessions = new Sessions(
    () => limits,
    () => {},
    (session) => lanes.close(session, host),
  );
  lanes = new SessionLanes(sessions, {
    server: 'browser',
    limits: () => ({ maxWaiting: 10, maxWaitMs: 1_000 }),
    onSessions: () => {},
  });
});
afterEach(() => vi.useRealTimers());

/** So many sessions with a child, a second apart. */
function begin(count: number): Session[] {
  return Array.from({ length: count }, () => {
    vi.advanceTimersByTime(1_000);
    const session = sessions.create(FIELDS);
    lanes.of(session, host);
    return session;
  });
}

it('opens one lane for a session, and closes it with the session', () => {
  const [session] = begin(1) as [Session];
  const lane = lanes.of(session, host);
  expect(lanes.of(session, host)).toBe(lane);
  expect(opened).toEqual([session]);
  sessions.remove(session);
  expect(closed).toEqual([lane]);
});

it('makes room by ending the session that has been idle for longest', () => {
  const [a, b, c] = begin(3) as [Session, Session, Session];
  vi.advanceTimersByTime(30_000);
  sessions.find(a.id);
  vi.advanceTimersByTime(30_000);
  expect(lanes.makeRoom(host)).toBeNull();
  expect(sessions.all()).toEqual([a, c]);
  expect(closed).toHaveLength(1);
  // There is room: nobody else has to go.
  expect(lanes.makeRoom(host)).toBeNull();
  expect(sessions.find(b.id)).toBeUndefined();
  expect(sessions.all()).toEqual([a, c]);
});

it('ends none that waits for an answer, or was heard of just now', () => {
  const [a, b, c] = begin(3) as [Session, Session, Session];
  vi.advanceTimersByTime(60_000);
  for (const session of [a, b]) session.exchanges.set('1', {} as never);
  sessions.find(c.id);
  vi.advanceTimersByTime(9_000);
  const problem = lanes.makeRoom(host);
  expect(problem).toContain('3 sessions');
  expect(problem).toContain('servers.browser.maxSessionChildren');
  expect(sessions.size).toBe(3);
  vi.advanceTimersByTime(2_000);
  expect(lanes.makeRoom(host)).toBeNull();
  expect(sessions.all()).toEqual([a, b]);
});

it('gives the clients of the supervisor before this one time to come back', () => {
  const record = { ...FIELDS, logLevel: null, subscriptions: [], lastSeen: Date.now() - 1_000_000 };
  for (const id of ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)]) {
    sessions.restore({ ...record, id });
    expect(lanes.adopt(id)).not.toBeNull();
  }
  expect(lanes.adopt('d'.repeat(32))).toBeNull();
  expect(lanes.adopt(`${'a'.repeat(31)}x`)).toBeNull();
  expect(lanes.makeRoom(host)).not.toBeNull();
  vi.advanceTimersByTime(11_000);
  expect(lanes.makeRoom(host)).toBeNull();
});

it('sends a session for which there is no room nowhere, and asks again at its next message', () => {
  begin(3);
  const late = sessions.create(FIELDS);
  const { target } = lanes.of(late, host);
  expect(target).toMatchObject({
    kind: 'unavailable',
    reason: expect.stringContaining('maxSessionChildren'),
  });
  expect(opened).not.toContain(late);
  maxChildren = 4;
  expect(lanes.of(late, host).target.kind).toBe('awaited');
  expect(opened).toContain(late);
});

it('leaves the sessions when they share a child again', () => {
  const all = begin(2);
  lanes.dissolve(host);
  expect(closed).toHaveLength(2);
  expect(sessions.all()).toEqual(all);
  for (const session of all) lanes.of(session, host);
  expect(opened).toEqual([...all, ...all]);
});
