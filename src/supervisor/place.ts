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
  const noted = readNote(join(stateDir, NOTE));
  if (noted === null) return false;
  const [path, inode] = noted.split('\n');
  const here = placeOf(stateDir);
  return path !== here.path && inode !== here.inode;
}

/** Notes where the folder is, and forgets `records`, paths in it, where they came with a copy. */
export function claimPlace(stateDir: string, records: readonly string[]): void {
  if (isCopy(stateDir))
    for (const record of records) rmSync(join(stateDir, record), { recursive: true, force: true });
  const { path, inode } = placeOf(stateDir);
  const note = `${path}\n${inode}`;
  const file = join(stateDir, NOTE);
  if (readNote(file) !== note) writeFileSync(file, note, { mode: 0o600 });
}

function placeOf(dir: string): { path: string; inode: string } {
  const { dev, ino } = statSync(dir, { bigint: true });
  return { path: realpathSync(dir), inode: `${dev}:${ino}` };
}

function readNote(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
