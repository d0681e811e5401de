import type { FileHandle } from 'node:fs/promises';
import { readAt } from './line-reader.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** The lines of a file before `end`, from the last chunk to the first; each chunk's in their order. */
export async function* linesBackwards(file: FileHandle, end: number): AsyncGenerator<string[]> {
  // What follows in the file: the rest of a line whose beginning is in a chunk before.
  let rest: Buffer[] = [];
  for await (const chunk of chunksBackwards(file, end)) {
    const first = chunk.indexOf(NEWLINE);
    if (first === -1) {
      rest.unshift(chunk);
      continue;
    }
    yield Buffer.concat([chunk.subarray(first + 1), ...rest])
      .toString()
      .split('\n');
    rest = [chunk.subarray(0, first)];
  }
  if (rest.length > 0) yield [Buffer.concat(rest).toString()];
}

/** The position after the last newline before `size`: a torn line is for who reads on. */
export async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  let end = size;
  for await (const chunk of chunksBackwards(file, size)) {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last !== -1) return end - chunk.length + last + 1;
    end -= chunk.length;
  }
  return 0;
}

async function* chunksBackwards(file: FileHandle, end: number): AsyncGenerator<Buffer> {
  for (let position = end; position > 0; ) {
    const bytes = Math.min(CHUNK_BYTES, position);
    position -= bytes;
    const chunk = await readAt(file, position, bytes);
    // Emptied while it is read.
    if (chunk.length < bytes) return;
    yield chunk;
  }
}
