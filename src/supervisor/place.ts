import { readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';

const NOTE = 'place';

/**
 * Whether a state's folder was copied from another project's: then the processes that are written down in it are
 * that project's, which may well run. A folder that was moved or is mounted elsewhere is the same one by its inode;
 * a file system whose inodes do not last leaves the path.
 */
export function isCopy(stateDir: string): boolean {
  return isElsewhere(readNote(stateDir), placeOf(stateDir));
}

/** Notes where the folder is, and forgets `records`, paths in it, where they came with a copy. */
export function claimPlace(stateDir: string, records: readonly string[]): void {
  const noted = readNote(stateDir);
  const here = placeOf(stateDir);
  if (noted === here) return;
  if (isElsewhere(noted, here))
    for (const record of records) rmSync(join(stateDir, record), { recursive: true, force: true });
  writeFileSync(join(stateDir, NOTE), here, { mode: 0o600 });
}

/** No line of the note is as it would be here. */
function isElsewhere(noted: string | null, here: string): boolean {
  if (noted === null) return false;
  const lines = here.split('\n');
  return noted.split('\n').every((line, index) => line !== lines[index]);
}

/** Its path, and its inode with the device, a line each. */
function placeOf(dir: string): string {
  const { dev, ino } = statSync(dir, { bigint: true });
  return `${realpathSync(dir)}\n${dev}:${ino}`;
}

function readNote(stateDir: string): string | null {
  try {
    return readFileSync(join(stateDir, NOTE), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
