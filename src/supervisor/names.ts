import { SupervisorError } from '../errors.ts';
import type { ServerName } from '../model.ts';

/** Refuses names that the config does not have, and says which it has. */
export function checkNames(asked: readonly ServerName[] | null, known: Iterable<ServerName>): void {
  const names = [...known];
  const unknown = (asked ?? []).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const message = `The config has no server called ${unknown.join(', ')}`;
  throw new SupervisorError('server.unknown', message, `It has: ${names.join(', ') || 'none at all'}.`);
}
