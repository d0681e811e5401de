import { readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { identify } from '../runner/process-group.ts';

const LOOK_MS = 250;

/**
 * Writes down in `file` which process this is. Calls `onLost` once that cannot be read there any more: the folder
 * was removed or moved away, or somebody else wrote into a new one.
 */
export function keepOwnRecord(file: string, onLost: () => void): void {
  const record = JSON.stringify(identify(process.pid));
  const look = () => {
    if (isReadable(file, record)) lookAgain();
    else onLost();
  };
  const lookAgain = () => setTimeout(look, LOOK_MS).unref();
  try {
    writeFileSync(file, record, { mode: 0o600 });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  lookAgain();
}

function isReadable(file: string, record: string): boolean {
  try {
    return readFileSync(file, 'utf8') === record;
  } catch (error) {
    // A disk that cannot be read just now tells nothing.
    return !isGone(error);
  }
}

const isGone = (error: unknown) => hasCode(error, 'ENOENT', 'ENOTDIR');
