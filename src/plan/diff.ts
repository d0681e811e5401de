import type { ServerName, Step } from '../model.ts';
import type { Imprint, WantedImprints } from './fingerprint.ts';

/**
 * The fewest steps from what runs to what is wanted; an unchanged server is never touched.
 * First the stops of what is no longer in the config, then the rest in the order of the config.
 */
export function diffPlan(running: ReadonlyMap<ServerName, Imprint>, wanted: WantedImprints): Step[] {
  const removed = [...running.keys()].filter((name) => !wanted.has(name));
  return [
    ...removed.map((name): Step => ({ kind: 'stop', name, why: 'removed' })),
    ...[...wanted].map(([name, want]) => step(name, running.get(name), want)).filter((next) => next !== null),
  ];
}

function step(name: ServerName, now: Imprint | undefined, want: Imprint | 'blocked'): Step | null {
  if (want === 'blocked') return now === undefined ? null : { kind: 'stop', name, why: 'blocked' };
  if (now === undefined) return { kind: 'start', name };
  if (now.fingerprint === want.fingerprint) return { kind: 'keep', name };
  return { kind: 'replace', name, changedKeys: changedKeys(now.variables, want.variables) };
}

/** The variables that differ, were added or are gone. None: the config itself has changed. */
function changedKeys(
  now: Readonly<Record<string, string>>,
  want: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(want)]);
  return [...names].filter((name) => now[name] !== want[name]).sort();
}
