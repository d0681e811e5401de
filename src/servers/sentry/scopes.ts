import { gte, lt } from 'semver';
import { MEASURED, TOOL_ROWS, type ToolRow } from './tools.ts';

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

/** The scopes that `tool` needs, all of them; null where that version is not known to have it. */
export function toolScopes(version: string | null, tool: string): readonly string[] | null {
  const row = rowOf(version, tool);
  return row === undefined ? null : words(row[3]);
}

/** The skills that offer `tool`, any of them; `*` where it is always offered. */
export function toolSkills(version: string | null, tool: string): readonly string[] | null {
  const row = rowOf(version, tool);
  return row === undefined ? null : words(row[4]);
}

/** All the tools of a version, with what each needs. */
export function rowsOf(
  version: string | null,
): { readonly tool: string; readonly scopes: readonly string[]; readonly skills: readonly string[] }[] {
  const known = nearestMeasured(version);
  return TOOL_ROWS.filter(([, since, until]) => isThere(known, since, until)).map(
    ([tool, , , scopes, skills]) => ({ tool, scopes: words(scopes), skills: words(skills) }),
  );
}

function rowOf(version: string | null, tool: string): ToolRow | undefined {
  const known = nearestMeasured(version);
  return TOOL_ROWS.find(([name, since, until]) => name === tool && isThere(known, since, until));
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
