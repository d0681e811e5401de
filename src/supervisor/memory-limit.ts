import type { WantedServer } from '../model.ts';
import { memoryByGroup } from '../runner/process-group.ts';
import type { Cause, Server } from './server.ts';

/** How often servers with a `maxMemory` are looked at. pm2 does so too, but sees the runner only. */
export const MEMORY_LOOK_MS = 10_000;

/** The memory of a server that serves and takes more than its config allows; else null. */
export function overLimit(server: Server, wanted: WantedServer | undefined): number | null {
  if (wanted === undefined || 'blocked' in wanted) return null;
  const { maxMemoryBytes } = wanted.policy;
  const pid = server.running?.current?.childPid ?? null;
  const isServing = server.running?.state.kind === 'ready' && !server.replacing;
  if (maxMemoryBytes === undefined || pid === null || !isServing) return null;
  const bytes = memoryByGroup([pid]).get(pid);
  return bytes !== undefined && bytes > maxMemoryBytes ? bytes : null;
}

export function memoryCause(bytes: number): Cause {
  return {
    reason: `${Math.round(bytes / 1024 / 1024)} MB of memory, which is over its maxMemory`,
    changedKeys: [],
  };
}
