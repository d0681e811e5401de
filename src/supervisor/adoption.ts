import type { Engine } from '../engine/engine.ts';
import type { Generation, ServerName } from '../model.ts';
import { parseAppName } from './runner-app.ts';
import type { RunnerPort } from './runner-port.ts';
import { type Memo, parseMemo } from './target.ts';

/** How long the runners may take to find the new supervisor. */
const REUNION_MS = 3_000;

/** A child that an earlier supervisor left running. */
export interface Foundling {
  readonly server: ServerName;
  readonly generation: Generation;
  readonly memo: Memo;
}

export interface Found {
  /** One for each server, and one for each session with a child of its own: the newest generation that is ready. */
  readonly foundlings: readonly Foundling[];
  /** The highest number that each server has used. */
  readonly generations: ReadonlyMap<ServerName, Generation>;
}

/**
 * Finds what an earlier supervisor left. What cannot go on as it is (not ready yet, an older
 * generation of a replacement that was cut short, a runner that lost its child, the child of a session
 * that is over) is removed.
 */
export async function findRunning(
  engine: Engine,
  port: RunnerPort,
  hasSession: (server: ServerName, session: string) => boolean,
): Promise<Found> {
  const apps = (await engine.list())
    .map(({ name }) => ({ name, ...parseAppName(name) }))
    .filter((app): app is { name: string; server: ServerName; generation: Generation } => 'server' in app);
  const runners = await port.waitFor(
    apps.map(({ name }) => name),
    REUNION_MS,
  );
  const foundlings = new Map<string, Foundling & { name: string }>();
  for (const { name, server, generation } of apps) {
    const runner = runners.get(name);
    const memo = runner === undefined || runner.child === null ? null : parseMemo(runner.memo);
    if (memo === null || (memo.session !== null && !hasSession(server, memo.session))) continue;
    // A server's name holds no @.
    const lane = `${server}@${memo.session ?? ''}`;
    const rival = foundlings.get(lane);
    if (rival === undefined || rival.generation < generation) {
      foundlings.set(lane, { name, server, generation, memo });
    }
  }
  const kept = new Set([...foundlings.values()].map(({ name }) => name));
  for (const { name } of apps) if (!kept.has(name)) await engine.remove(name);
  return {
    foundlings: [...foundlings.values()],
    generations: new Map(
      apps.map(({ server }) => [
        server,
        Math.max(...apps.filter((app) => app.server === server).map(({ generation }) => generation)),
      ]),
    ),
  };
}
