import { dirname } from 'node:path';
import type { SentryOverrides, ServerName, Step } from '../model.ts';
import { diffPlan } from '../plan/diff.ts';
import { imprintWanted } from '../plan/fingerprint.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { checkNames } from '../supervisor/names.ts';

export interface ColdPlan {
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** null: all. */
  readonly servers: readonly ServerName[] | null;
  readonly sentryOverrides: SentryOverrides;
}

/**
 * What `up` would do while nothing runs: everything that is selected and not blocked would start.
 * In a file of its own since it loads what reads a config, which the other verbs leave to the supervisor.
 */
export async function planCold(plan: ColdPlan): Promise<Step[]> {
  const { configFile, env, servers: names, sentryOverrides, ...options } = plan;
  const reader = new DesiredReader({ root: dirname(configFile), configFile, ...options });
  const { servers } = await reader.read(env, {}, sentryOverrides);
  checkNames(names, servers.keys());
  const wanted = [...servers.values()]
    .map((server) => server.wanted)
    .filter(({ name }) => names === null || names.includes(name));
  // The key only matters for a comparison, and there is nothing to compare with.
  return diffPlan(new Map(), imprintWanted(wanted, Buffer.alloc(32)));
}
