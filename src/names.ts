import { SupervisorError } from './errors.ts';
import { nearest } from './nearest.ts';

/** What is said of names that are not there, and of those that are. */
export interface NameWords {
  readonly missing: string;
  readonly present: string;
  readonly none: string;
}

const IN_CONFIG: NameWords = {
  missing: 'The config has no server called',
  present: 'It has',
  none: 'none at all',
};

/** Refuses server names that are not among `known`; says which are, and which was perhaps meant. */
export function checkNames(
  asked: readonly string[] | null,
  known: Iterable<string>,
  { missing, present, none }: NameWords = IN_CONFIG,
): void {
  const names = [...known];
  const unknown = (asked ?? []).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const meant = new Set(unknown.flatMap((name) => nearest(name, names) ?? []));
  const question = meant.size === 0 ? '' : `Did you mean ${[...meant].join(', ')}? `;
  const hint = `${question}${present}: ${names.join(', ') || none}.`;
  throw new SupervisorError('server.unknown', `${missing} ${unknown.join(', ')}`, hint);
}
