import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { hasCode, messageOf } from '../errors.ts';

export type Head =
  | { readonly kind: 'text'; readonly text: string; readonly isWhole: boolean }
  | { readonly kind: 'missing' }
  /** `problem` continues a sentence that begins with the file's name. */
  | { readonly kind: 'bad'; readonly problem: string };

/** The beginning of a regular file, at most `maxBytes`: others may be endless, or wait for somebody to write. */
export async function readHead(path: string, maxBytes: number): Promise<Head> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return { kind: 'bad', problem: 'is no file' };
      const bytes = Buffer.alloc(Math.min(maxBytes, stat.size));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      return { kind: 'text', text: bytes.toString('utf8', 0, bytesRead), isWhole: stat.size <= maxBytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'missing' };
    return { kind: 'bad', problem: `cannot be read: ${messageOf(error)}` };
  }
}
