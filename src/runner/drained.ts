import type { Writable } from 'node:stream';

/** Resolves when the stream takes more, or is gone. */
export function drained(stream: Writable): Promise<void> {
  if (stream.closed || !stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
  });
}
