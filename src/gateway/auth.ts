import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';

const TOKEN_BYTES = 32;

/** The project's bearer token, made at the first `up`; 0600, and never in any output. */
export function readOrMakeToken(file: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    if (token !== '') return token;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Compares in constant time; hashing first makes the lengths equal. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
