import { readFileSync, writeFileSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { identify } from '../runner/process-group.ts';

const LOOK_MS = 250;

/**
 * Writes down in `file` which process this is. Calls `onLost` once the file does not say so any more: its folder was
 * removed or moved away, or somebody else wrote into a new one. Returns what ends the looking.
 */
export function keepOwnRecord(file: string, onLost: () => void): () => void {
  const record = JSON.stringify(identify(process.pid));
  try {
    writeFileSync(file, record, { mode: 0o600 });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const look = () => {
    if (holds(file, record)) return;
    stop();
    onLost();
  };
  const looks = setInterval(look, LOOK_MS).unref();
  const stop = () => clearInterval(looks);
  return stop;
}

function holds(file: string, record: string): boolean {
  try {
    return readFileSync(file, 'utf8') === record;
  } catch (error) {
    // A disk that cannot be read just now tells nothing.
    return !isGone(error);
  }
}

const isGone = (error: unknown) => hasCode(error, 'ENOENT', 'ENOTDIR');
