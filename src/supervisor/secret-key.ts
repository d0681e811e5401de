import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';

const KEY_BYTES = 32;

/** The project's own random key, made at the first use: what fingerprints are keyed with. */
export function readOrMakeKey(file: string): Buffer {
  try {
    const key = readFileSync(file);
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const key = randomBytes(KEY_BYTES);
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}
