import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity, signalProcess } from '../runner/process-group.ts';
import { processTable } from '../runner/process-table.ts';

const POLL_MS = 20;

/**
 * Ends a process that is not ours, and then what it had started and left: by id, and only while the id is
 * still the same process's. Not by its group, which is that of its client's other children.
 */
export async function endTree(identity: ProcessIdentity, termMs: number): Promise<void> {
  const below = descendants(identity.pid);
  await end(identity, termMs);
  await Promise.all(below.map((one) => end(one, termMs)));
}

async function end(identity: ProcessIdentity, termMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isSameProcess(identity)) return;
    signalProcess(identity.pid, signal);
    const deadline = Date.now() + termMs;
    while (isSameProcess(identity) && Date.now() < deadline) await sleep(POLL_MS);
  }
}

function descendants(pid: number): ProcessIdentity[] {
  const table = processTable();
  const below = new Set([pid]);
  // The table is in no particular order, so it is read until nothing more is found.
  for (let before = 0; before !== below.size; ) {
    before = below.size;
    for (const row of table) if (below.has(row.parent)) below.add(row.pid);
  }
  below.delete(pid);
  return table.filter((row) => below.has(row.pid));
}
