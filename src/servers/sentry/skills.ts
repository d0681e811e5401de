import { expandScopes, READ_SCOPES } from './scopes.ts';

/** The skills that stand for writing; those for reading are asked for in any case. */
const SKILL_OF_SCOPE = new Map([
  ['event:write', 'triage'],
  ['project:write', 'project-management'],
  ['team:write', 'project-management'],
]);

/** The skills that stand for the added scopes, and the scopes for which there is none. */
export function skillsFor(addScopes: readonly string[]): {
  readonly skills: readonly string[];
  readonly without: readonly string[];
} {
  const skills = new Set<string>();
  const without: string[] = [];
  for (const scope of addScopes) {
    const skill = skillOf(scope);
    if (skill !== undefined) skills.add(skill);
    else if (!READ_SCOPES.includes(scope)) without.push(scope);
  }
  return { skills: [...skills], without };
}

/** The scopes that a token needs so that every tool of `skills` works. */
export function scopesOfSkills(skills: readonly string[]): readonly string[] {
  return [...SKILL_OF_SCOPE].filter(([, skill]) => skills.includes(skill)).map(([scope]) => scope);
}

/** `event:admin` includes `event:write`, and so is a matter of `triage` as well. */
function skillOf(scope: string): string | undefined {
  return [...expandScopes([scope])]
    .map((each) => SKILL_OF_SCOPE.get(each))
    .find((skill) => skill !== undefined);
}
