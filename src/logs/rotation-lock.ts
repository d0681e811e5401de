import { link, open, rename, rm, stat } from 'node:fs/promises';
import { hasCode } from '../errors.ts';

/** A rotation takes milliseconds: a lock this old was left by a process that was killed. */
const STALE_MS = 10_000;

/** Runs `work` if no other process holds the lock file, and says whether it did. Never waits. */
export async function withRotationLock(lockPath: string, work: () => Promise<void>): Promise<boolean> {
  if (!(await take(lockPath))) {
    if (await isStale(lockPath)) await breakLock(lockPath);
    return false;
  }
  try {
    await work();
  } finally {
    await rm(lockPath, { force: true });
  }
  return true;
}

async function take(lockPath: string): Promise<boolean> {
  try {
    const file = await open(lockPath, 'wx', 0o600);
    try {
      await file.write(`${process.pid}\n`);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Moved aside before it is removed, since of two processes that break it one may come too late. */
async function breakLock(lockPath: string): Promise<void> {
  const aside = `${lockPath}.${process.pid}`;
  try {
    await rename(lockPath, aside);
    if (!(await isStale(aside))) await link(aside, lockPath);
  } catch (error) {
    // ENOENT: another process has broken it already. EEXIST: it has been taken anew.
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}
