import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStore, parseEventId, type StoredEvent } from '../../../src/gateway/event-store.ts';
import { idText } from '../../support/json-texts.ts';

/** Names of streams as exchanges have them, and the standalone one. */
const streams = fc.uniqueArray(fc.oneof(fc.constant('get'), idText.map(encodeURIComponent)), {
  minLength: 1,
  maxLength: 4,
});
const happenings = fc.array(fc.record({ stream: fc.nat(3), mark: fc.boolean() }), { maxLength: 60 });
const MIB = Buffer.alloc(1024 * 1024);

function fill(store: EventStore, count: number, message: Buffer): StoredEvent[] {
  return Array.from({ length: count }, () => store.add('get', message));
}

describe('EventStore', () => {
  it('gives a client that comes back exactly the rest of its stream, in order', () => {
    fc.assert(
      fc.property(streams, happenings, (names, steps) => {
        const store = new EventStore();
        /** What each stream has carried: ids to resume from, and messages. */
        const sent = steps.map(({ stream, mark }, at) => {
          const name = names[stream % names.length] ?? 'get';
          const message = mark ? null : Buffer.from(`message ${at}`);
          const id = message === null ? store.mark(name) : store.add(name, message).id;
          return { name, id, message };
        });
        for (const [at, { id, name }] of sent.entries()) {
          const from = parseEventId(id);
          expect(from?.stream).toBe(name);
          const rest = store.after(name, from?.sequence ?? -1).map(({ message }) => message);
          const later = sent.slice(at + 1).filter((other) => other.name === name);
          expect(rest).toEqual(later.flatMap(({ message }) => (message === null ? [] : [message])));
        }
        for (const name of names) {
          const all = sent.flatMap((event) => (event.name === name && event.message ? [event.message] : []));
          expect(store.after(name, 0).map(({ message }) => message)).toEqual(all);
        }
      }),
    );
  });

  it('never gives two events the same id', () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const store = new EventStore();
        const ids = steps.map(({ stream, mark }) => {
          return mark ? store.mark(`s_${stream}`) : store.add(`s_${stream}`, Buffer.from('x')).id;
        });
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('keeps the newest 512', () => {
    const store = new EventStore();
    const events = fill(store, 600, Buffer.from('x'));
    expect(store.after('get', 0)).toEqual(events.slice(-512));
  });

  it('keeps the newest 4 MiB, and one message however large it is', () => {
    const store = new EventStore();
    const events = fill(store, 6, MIB);
    expect(store.after('get', 0)).toEqual(events.slice(-4));
    const large = store.add('get', Buffer.alloc(20 * MIB.length));
    expect(store.after('get', 0)).toEqual([large]);
    const small = store.add('get', Buffer.from('x'));
    expect(store.after('get', 0)).toEqual([small]);
  });
});

describe('parseEventId', () => {
  it('takes whatever a client sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const parsed = parseEventId(id);
        if (parsed !== null) expect(id.startsWith(`${parsed.stream}_`)).toBe(true);
      }),
    );
    for (const id of ['', '7', '_7', 'get_', 'get_x', 'get_7 ', 'get_-7'])
      expect(parseEventId(id)).toBeNull();
  });
});
