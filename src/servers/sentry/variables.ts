import { unquoted } from '../../config/unquoted.ts';

/** The value of a variable in the env files, or else in the environment. */
export type Lookup = (name: string) => string | undefined;

/** What is read here and tells where things are, rather than who may have them. */
export const NAMES_OF_PLACES: readonly string[] = [
  'SENTRY_HOST',
  'SENTRY_ORGANIZATION_SLUG',
  'SENTRY_PROJECT_SLUG',
  'EMBEDDED_AGENT_PROVIDER',
];

/** A lookup that keeps what it found, by name. */
export interface RecordedLookup {
  (name: string): string | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** `declared` beats `lookup`, and is not recorded: it is a part of the config. Empty is the same as unset. */
export function recordedLookup(lookup: Lookup, declared: Readonly<Record<string, string>>): RecordedLookup {
  const variables: Record<string, string> = {};
  const read = (name: string): string | undefined => {
    const value = unquoted(declared[name] ?? lookup(name) ?? '');
    if (value === '') return undefined;
    if (declared[name] === undefined) variables[name] = value;
    return value;
  };
  return Object.assign(read, { variables });
}

/** An entry of an environment, where there is a value for it. */
export function present(name: string, value: string | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: value };
}

export function without(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
