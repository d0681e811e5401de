import type { SentryOverrides, Step } from '../model.ts';
import { diffPlan } from '../plan/diff.ts';
import { imprintWanted } from '../plan/fingerprint.ts';
import { type ColdProject, readCold } from './read-cold.ts';

/** What `up` would do while nothing runs: everything that is selected and not blocked would start. */
export async function planCold(project: ColdProject, sentry: SentryOverrides): Promise<Step[]> {
  const { wanted } = await readCold(project, { sentry });
  // The key only matters for a comparison, and there is nothing to compare with.
  return diffPlan(new Map(), imprintWanted(wanted, Buffer.alloc(32)));
}
