import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, SupervisorError } from '../errors.ts';
import { identify, isSameProcess, type ProcessIdentity, readIdentity } from '../runner/process-group.ts';

const POLL_MS = 50;

/**
 * Runs `work` while no other process of this project does: two `up`s at once would make two daemons.
 * A holder that died is succeeded; one that lives is waited for.
 */
export async function withLock<T>(
  file: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  while (!tryTake(file)) {
    breakIfDead(file);
    if (Date.now() >= deadline) throw busy(file);
    await sleep(POLL_MS, undefined, { signal: options.signal });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears with its content or not at all, so nobody ever reads half a holder. */
function tryTake(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves a dead holder's lock away; a lock that was taken anew in the meantime is put back. */
function breakIfDead(file: string): void {
  if (isAlive(readIdentity(file))) return;
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
    if (isAlive(readIdentity(aside))) linkSync(aside, file);
  } catch (error) {
    // Somebody else was quicker; the next round shows who holds it now.
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(holder: ProcessIdentity | null): boolean {
  return holder !== null && isSameProcess(holder);
}

function busy(file: string): SupervisorError {
  const holder = readIdentity(file);
  const message = `Another mcp-supervisor command (process ${holder?.pid ?? 'unknown'}) is working on this project`;
  return new SupervisorError('lock.busy', message, 'Wait until it is done, then try again.');
}
