import type { ServerState, ServerStatus, Warning } from '../model.ts';
import type { Member } from './member.ts';
import type { Server } from './server.ts';

export interface StatusContext {
  readonly url: string;
  /** By process group. */
  readonly memoryBytes: ReadonlyMap<number, number>;
  readonly warnings: readonly Warning[];
  /** The number that the last start used, for a server that does not run now. */
  readonly lastGeneration: number;
}

/** The row of one server, derived from what runs and what is wanted: its primary child's, but for what is counted. */
export function serverStatus(
  { name, primary, servers, restarts, sessionCount, callCount }: Member,
  { url, memoryBytes, warnings, lastGeneration }: StatusContext,
): ServerStatus {
  const generation = primary.running;
  const state = generation?.state ?? null;
  const pids = childPids(servers);
  const bytes = pids.map((pid) => memoryBytes.get(pid)).filter((known) => known !== undefined);
  return {
    name,
    state: stateOf(servers),
    pid: childPid(primary),
    runnerPid: generation?.current?.runner.pid ?? null,
    generation: generation?.number ?? lastGeneration,
    restarts,
    uptimeMs: state?.kind === 'ready' ? Date.now() - state.since : null,
    memoryBytes: bytes.length === 0 ? null : bytes.reduce((sum, more) => sum + more, 0),
    url,
    tools: state?.kind === 'ready' ? state.handshake.tools.map((tool) => tool.name) : [],
    sessions: sessionCount,
    children: pids.length,
    calls: callCount,
    lastReload: primary.lastReload,
    warnings: warnings.filter((warning) => warning.server === name).length,
    detail: detailOf(servers),
  };
}

/** The children's process ids, which are their groups' too. */
export function childPids(servers: readonly Server[]): number[] {
  return servers.map(childPid).filter((pid) => pid !== null);
}

export function stateOf([primary, ...others]: readonly [Server, ...Server[]]): ServerState {
  if (primary.replacing) return 'replacing';
  if (primary.wish.kind === 'blocked') return 'blocked';
  if (primary.wish.kind === 'stopped') return 'stopped';
  const state = primary.running?.state.kind ?? 'stopped';
  if (state === 'stopped') return 'starting';
  return state === 'ready' && others.some(({ replacing }) => replacing) ? 'replacing' : state;
}

function childPid(server: Server): number | null {
  return server.running?.current?.childPid ?? null;
}

function detailOf([primary, ...others]: readonly [Server, ...Server[]]): string | null {
  if (primary.wish.kind === 'blocked') {
    const [first] = primary.wish.server.blocked;
    return `${first.message} ${first.hint}`;
  }
  const [troubled] = others.map(trouble).filter((text) => text !== null);
  return trouble(primary) ?? (troubled === undefined ? null : `the child of a session: ${troubled}`);
}

/** What is not as it should be with a child. */
function trouble({ running, keptBecause }: Server): string | null {
  const state = running?.state;
  if (state?.kind === 'crashed') {
    return state.final ? `given up: ${state.reason}` : `${state.reason}; it is being started again`;
  }
  return keptBecause === null
    ? null
    : `generation ${running?.number} was kept, since the new settings failed: ${keptBecause}`;
}
