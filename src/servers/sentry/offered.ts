import { gte, lt } from 'semver';
import type { Dialect } from './dialect.ts';
import { expandScopes, READ_SCOPES, rowsOf } from './scopes.ts';

/** What decides, besides the token, which tools a server offers. */
export interface Grants {
  readonly version: string | null;
  readonly dialect: Dialect | null;
  readonly addScopes: readonly string[];
  /** null: all of them, which is the server's own default. */
  readonly skills: readonly string[] | null;
  readonly organizationSlug: string | undefined;
  readonly projectSlug: string | undefined;
  readonly languageModel: boolean;
}

export interface OfferedTool {
  readonly tool: string;
  /** All of them are needed. */
  readonly scopes: readonly string[];
  /** Why it is not offered; null where it is: listed, or through execute_sentry_tool. */
  readonly off: string | null;
}

/** Measured: without a language model's key each call of these fails before 0.29, and 0.29 to 0.33 offer the others. */
const NEEDS_MODEL = ['search_events', 'search_issues', 'search_issue_events'];
const INSTEAD_OF_MODEL = ['list_events', 'list_issues', 'list_issue_events'];

/** Measured: versions that have a tool and do not list it, unless they are told to by flags that we do not set. */
const UNLISTED: readonly (readonly [since: string, until: string, tools: readonly string[]])[] = [
  ['0.29.0', '0.31.0', ['get_sentry_resource']],
  ['0.31.0', '0.37.0', ['get_issue_details', 'get_profile', 'get_trace_details']],
  [
    '0.36.0',
    '0.37.0',
    ['add_issue_note', 'execute_tool', 'get_ai_conversation_details', 'get_issue_activity'],
  ],
  ['0.36.0', '0.37.0', ['get_release_details', 'search_tools']],
];

/** Every tool of this version, and whether these options offer it. */
export function offeredTools(grants: Grants): OfferedTool[] {
  const bySkill = grants.dialect === null || grants.dialect.scopes === 'skills';
  return (
    rowsOf(grants.version)
      // Without a skill it is part of the agent mode, which we do not run.
      .filter(({ skills }) => !bySkill || skills.length > 0)
      .map(({ tool, scopes, skills }) => ({
        tool,
        // What is no `resource:level` is a switch of the server, not a scope of the token.
        scopes: scopes.filter((scope) => scope.includes(':')),
        off:
          byVersion(tool, grants) ??
          bySlug(tool, grants) ??
          byModel(tool, grants) ??
          byOption(scopes, skills, grants),
      }))
  );
}

function byOption(scopes: readonly string[], skills: readonly string[], grants: Grants): string | null {
  switch (grants.dialect?.scopes ?? 'none') {
    case 'none':
      return null;
    case 'add-scopes': {
      const added = expandScopes([...READ_SCOPES, ...grants.addScopes]);
      const missing = scopes.filter((scope) => !added.has(scope));
      return missing.length === 0 ? null : `addScopes lacks ${missing.join(', ')}`;
    }
    case 'skills': {
      const granted = grants.skills;
      if (granted === null || skills.includes('*') || skills.some((skill) => granted.includes(skill)))
        return null;
      return `needs the skill ${skills.join(' or ')}`;
    }
  }
}

function byVersion(tool: string, { version }: Grants): string | null {
  const unlisted = UNLISTED.some(
    ([since, until, tools]) =>
      version !== null && gte(version, since) && lt(version, until) && tools.includes(tool),
  );
  return unlisted ? 'this version does not list it' : null;
}

/** Measured: from 0.23 on, a slug takes away the tool that would look for others. */
function bySlug(tool: string, { version, organizationSlug, projectSlug }: Grants): string | null {
  if (version !== null && lt(version, '0.23.0')) return null;
  if (tool === 'find_organizations' && organizationSlug !== undefined)
    return `there is one organization only: organizationSlug is ${organizationSlug}`;
  if (tool === 'find_projects' && projectSlug !== undefined)
    return `there is one project only: projectSlug is ${projectSlug}`;
  return null;
}

function byModel(tool: string, { version, languageModel }: Grants): string | null {
  if (version === null || gte(version, '0.36.0')) return null;
  if (NEEDS_MODEL.includes(tool) && !languageModel)
    return "needs a language model's key, such as OPENAI_API_KEY";
  if (INSTEAD_OF_MODEL.includes(tool) && languageModel)
    return "with a language model's key the search tools take its place";
  return null;
}
