import { gte, lt } from 'semver';
import { MEASURED, TOOL_ROWS } from './tools.ts';

/** What every version may read, whatever scopes are added. */
export const READ_SCOPES: readonly string[] = ['org:read', 'project:read', 'team:read', 'event:read'];

const LOWER_LEVELS = new Map([
  ['admin', ['write', 'read']],
  ['write', ['read']],
]);

/** The scopes and all that they include: `X:admin` ⊃ `X:write` ⊃ `X:read`; nothing crosses resources. */
export function expandScopes(scopes: Iterable<string>): Set<string> {
  const expanded = new Set<string>();
  for (const scope of scopes) {
    const [resource = '', level = ''] = scope.split(':');
    expanded.add(scope);
    for (const lower of LOWER_LEVELS.get(level) ?? []) expanded.add(`${resource}:${lower}`);
  }
  return expanded;
}

/** What of `needed` the granted scopes do not cover. */
export function lackingScopes(needed: readonly string[], granted: Iterable<string>): string[] {
  const has = expandScopes(granted);
  return needed.filter((scope) => !has.has(scope));
}

/** Those that a token can have: what is no `resource:level` is a switch of the server. */
export function grantableScopes(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope.includes(':'));
}

/** The scopes that `tool` needs, all of them; null where that version is not known to have it. */
export function toolScopes(version: string | null, tool: string): readonly string[] | null {
  return rowOf(version, tool)?.scopes ?? null;
}

/** The skills that offer `tool`, any of them; `*` where it is always offered. */
export function toolSkills(version: string | null, tool: string): readonly string[] | null {
  return rowOf(version, tool)?.skills ?? null;
}

export interface ToolNeeds {
  readonly tool: string;
  /** All of them are needed. */
  readonly scopes: readonly string[];
  /** Any of them offers it. */
  readonly skills: readonly string[];
}

/** All the tools of a version, with what each needs. */
export function rowsOf(version: string | null): ToolNeeds[] {
  const known = nearestMeasured(version);
  return TOOL_ROWS.filter(([, since, until]) => isThere(known, since, until)).map(
    ([tool, , , scopes, skills]) => ({ tool, scopes: words(scopes), skills: words(skills) }),
  );
}

function rowOf(version: string | null, tool: string): ToolNeeds | undefined {
  return rowsOf(version).find((row) => row.tool === tool);
}

function isThere(version: string, since: string, until: string | null): boolean {
  return gte(version, since) && (until === null || lt(version, until));
}

/** An older version is read as the oldest that we know; rows without an end cover newer ones. */
function nearestMeasured(version: string | null): string {
  if (version === null) return MEASURED.newest;
  return lt(version, MEASURED.oldest) ? MEASURED.oldest : version;
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
