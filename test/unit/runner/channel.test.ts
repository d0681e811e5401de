import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Channel } from '../../../src/runner/channel.ts';
import type { FromRunner, ToRunner } from '../../../src/runner/protocol.ts';

type Seen = FromRunner | string;

/** A receiving end that is fed by hand, in whatever pieces. */
function receiver(): { readonly socket: EventEmitter; readonly seen: Seen[] } {
  const socket = new EventEmitter();
  const seen: Seen[] = [];
  new Channel<FromRunner, ToRunner>(socket as Socket, {
    onControl: (message) => seen.push(message),
    onRpc: (line) => seen.push(line.toString('latin1')),
    onClose: () => {},
  });
  return { socket, seen };
}

/** The bytes that a channel sends for these frames. */
function encoded(frames: readonly Seen[]): Buffer {
  const chunks: Buffer[] = [];
  const socket = new Duplex({
    read: () => {},
    write: (chunk, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const channel = new Channel<ToRunner, FromRunner>(socket as Socket, {
    onControl: () => {},
    onRpc: () => {},
    onClose: () => {},
  });
  for (const frame of frames) {
    if (typeof frame === 'string') channel.sendRpc(Buffer.from(frame, 'latin1'));
    else channel.sendControl(frame);
  }
  return Buffer.concat(chunks);
}

const rpc = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const control: fc.Arbitrary<FromRunner> = fc.oneof(
  fc.record({ kind: fc.constant('noise' as const), sample: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('flushed' as const), token: fc.nat() }),
);
const frames = fc.array(fc.oneof(rpc, control), { maxLength: 20 });

describe('Channel', () => {
  it('delivers every frame once, byte for byte and in order, however the stream is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(10_000), { maxLength: 40 }), (sent, cuts) => {
        const bytes = encoded(sent);
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const { socket, seen } = receiver();
        ends.forEach((end, index) => {
          // A copy, as the socket gives: nothing may depend on what lies beside it.
          socket.emit('data', Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)));
        });
        expect(seen).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  it('delivers what is complete when the peer ends in the middle of a frame, and no half of it', () => {
    const bytes = encoded(['whole', 'cut short']);
    const { socket, seen } = receiver();
    socket.emit('data', bytes.subarray(0, -3));
    socket.emit('close');
    expect(seen).toEqual(['whole']);
  });

  it('takes a send after the end for nothing: who sends need not know whether anybody is there', () => {
    const socket = new Duplex({ read: () => {}, write: () => {} });
    const channel = new Channel<ToRunner, FromRunner>(socket as Socket, {
      onControl: () => {},
      onRpc: () => {},
      onClose: () => {},
    });
    channel.destroy();
    expect(channel.sendRpc(Buffer.from('late'))).toBe(true);
  });
});
