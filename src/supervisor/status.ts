import type { ServerState, ServerStatus, Warning } from '../model.ts';
import type { Server } from './server.ts';

export interface StatusContext {
  readonly url: string;
  /** By process group. */
  readonly memoryBytes: ReadonlyMap<number, number>;
  readonly warnings: readonly Warning[];
  /** The number that the last start used, for a server that does not run now. */
  readonly lastGeneration: number;
  readonly sessions: number;
  /** Calls that are being worked on, or wait. */
  readonly calls: number;
}

/** The row of one server, derived from what runs and what is wanted. */
export function serverStatus(
  server: Server,
  { url, memoryBytes, warnings, lastGeneration, sessions, calls }: StatusContext,
): ServerStatus {
  const generation = server.running;
  const state = generation?.state ?? null;
  const pid = childPid(server);
  return {
    name: server.name,
    state: stateOf(server),
    pid,
    runnerPid: generation?.current?.runner.pid ?? null,
    generation: generation?.number ?? lastGeneration,
    restarts: server.restarts,
    uptimeMs: state?.kind === 'ready' ? Date.now() - state.since : null,
    memoryBytes: pid === null ? null : (memoryBytes.get(pid) ?? null),
    url,
    tools: state?.kind === 'ready' ? state.handshake.tools.map(({ name }) => name) : [],
    sessions,
    calls,
    lastReload: server.lastReload,
    warnings: warnings.filter((warning) => warning.server === server.name).length,
    detail: detailOf(server),
  };
}

/** The child's process id, which is its group's too. */
export function childPid(server: Server): number | null {
  return server.running?.current?.childPid ?? null;
}

export function stateOf(server: Server): ServerState {
  if (server.replacing) return 'replacing';
  if (server.wish.kind === 'blocked') return 'blocked';
  const state = server.running?.state.kind;
  if (server.wish.kind === 'stopped') return 'stopped';
  return state === undefined || state === 'stopped' ? 'starting' : state;
}

function detailOf(server: Server): string | null {
  if (server.wish.kind === 'blocked') {
    const [first] = server.wish.server.blocked;
    return `${first.message} ${first.hint}`;
  }
  const state = server.running?.state;
  if (state?.kind === 'crashed') {
    return state.final ? `given up: ${state.reason}` : `${state.reason}; it is being started again`;
  }
  return server.keptBecause === null
    ? null
    : `generation ${server.running?.number} was kept, since the new settings failed: ${server.keptBecause}`;
}
