import { createHmac } from 'node:crypto';
import type { Fingerprint, ServerName, ServerSpec, WantedServer } from '../model.ts';

/** A spec as it may be remembered: comparable with another, and telling nothing of its values. */
export interface Imprint {
  readonly fingerprint: Fingerprint;
  /** A keyed hash by variable name, to name what changed. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What is wanted, in the order of the config. */
export type WantedImprints = ReadonlyMap<ServerName, Imprint | 'blocked'>;

export function imprintWanted(wanted: readonly WantedServer[], key: Buffer): WantedImprints {
  return new Map(
    wanted.map((server) => [server.name, 'blocked' in server ? 'blocked' : imprint(server, key)]),
  );
}

export function imprint(spec: ServerSpec, key: Buffer): Imprint {
  return { fingerprint: fingerprintSpec(spec, key), variables: variableHashes(spec, key) };
}

/**
 * Of all that takes a new process to change: the launch and the stop ladder that the runner was given.
 * The launch is taken as it is, so the inherited safe base must not be in it: another shell is no change.
 */
export function fingerprintSpec({ launch, stop }: ServerSpec, key: Buffer): Fingerprint {
  const { command, args, env, cwd } = launch;
  return keyedHash(key, ['spec', command, args, sortedEntries(env), cwd, stop.eofMs, stop.termMs]);
}

/** The name is hashed along, so that equal values of two variables do not show as equal. */
export function variableHashes({ variables }: ServerSpec, key: Buffer): Record<string, string> {
  return Object.fromEntries(
    sortedEntries(variables).map(([name, value]) => [name, keyedHash(key, ['variable', name, value])]),
  );
}

function keyedHash(key: Buffer, value: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex');
}

/** By code unit, not by locale: the hash must not depend on where it was made. */
function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
