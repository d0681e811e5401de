import type { Step } from '../model.ts';
import { diffPlan } from '../plan/diff.ts';
import { imprintWanted } from '../plan/fingerprint.ts';
import { type ColdProject, readCold } from './read-cold.ts';

/**
 * What `up` would do while nothing runs: everything that is selected and not blocked would start.
 * In a file of its own since it loads what reads a config, which the other verbs leave to the supervisor.
 */
export async function planCold(project: ColdProject): Promise<Step[]> {
  const { wanted } = await readCold(project);
  // The key only matters for a comparison, and there is nothing to compare with.
  return diffPlan(new Map(), imprintWanted(wanted, Buffer.alloc(32)));
}
