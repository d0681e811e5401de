import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** How Node ≥ 24 names its main thread, and with it, for the system, its process (measured: 24.21, not 22.23). */
const NODE_THREAD = 'MainThread';

/** The name of a process's program: what Linux calls it (cut to 15 characters), but `node` for a Node. */
export function programName(pid: string, comm: string): string {
  if (comm !== NODE_THREAD) return comm;
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
  } catch {
    // It ended just now, or is closed to us.
    return comm;
  }
}
