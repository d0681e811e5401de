import type { WantedServer } from '../model.ts';
import { memoryByGroup } from '../runner/process-group.ts';
import { MemoryGuard } from './memory-guard.ts';
import type { Server } from './server.ts';
import type { Cause } from './wish.ts';

/** How often servers with a `maxMemory` are looked at. pm2 does so too, but sees the runner only. */
export const MEMORY_LOOK_MS = 5_000;

/** A server that serves and takes more than its config allows. */
export interface Excess {
  readonly server: Server;
  readonly bytes: number;
  readonly limitBytes: number;
  /** How long it stays all the same, since it was replaced for this just before. */
  readonly waitMs: number;
}

const guards = new WeakMap<Server, MemoryGuard>();

/** Null where it takes no more than it may, or does not serve. */
export function excessOf(server: Server, wanted: WantedServer | undefined): Excess | null {
  if (wanted === undefined || 'blocked' in wanted) return null;
  const { maxMemoryBytes: limitBytes } = wanted.policy;
  const pid = server.running?.current?.childPid ?? null;
  const isServing = server.running?.state.kind === 'ready' && !server.replacing;
  if (limitBytes === undefined || pid === null || !isServing) return null;
  const bytes = memoryByGroup([pid]).get(pid);
  if (bytes === undefined || bytes <= limitBytes) return null;
  return { server, bytes, limitBytes, waitMs: guardOf(server).waitMs(Date.now()) };
}

/** It is replaced for it now: the next time it must wait. */
export function replacing(server: Server): void {
  guardOf(server).replaced(Date.now());
}

export function memoryCause(excess: Excess): Cause {
  return { reason: `it took ${amountOf(excess)}`, changedKeys: [] };
}

export function amountOf({ bytes, limitBytes }: Excess): string {
  return `${mib(bytes)} MiB, with a maxMemory of ${mib(limitBytes)} MiB`;
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

function guardOf(server: Server): MemoryGuard {
  const guard = guards.get(server) ?? new MemoryGuard();
  guards.set(server, guard);
  return guard;
}
