import { readFileSync } from 'node:fs';
import { lt } from 'semver';
import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../../src/servers/sentry/dialect.ts';
import { type Grants, offeredTools } from '../../../../src/servers/sentry/offered.ts';

function grants(version: string, more: Partial<Grants> = {}): Grants {
  return {
    version,
    dialect: dialectOf(version),
    addScopes: [],
    skills: ['inspect', 'docs', 'triage', 'project-management'],
    organizationSlug: undefined,
    projectSlug: undefined,
    languageModel: false,
    ...more,
  };
}

const offered = (given: Grants) =>
  offeredTools(given)
    .filter(({ off }) => off === null)
    .map(({ tool }) => tool)
    .sort();
const reason = (given: Grants, tool: string) => offeredTools(given).find((one) => one.tool === tool)?.off;

/** As the real servers list them, started with the flags of these grants on 2026-11-25. */
const LISTED = JSON.parse(readFileSync(new URL('./listed-tools.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly args: readonly string[];
  readonly languageModel: boolean;
  readonly tools: readonly string[];
}[];

describe('offeredTools', () => {
  it.each(LISTED)(
    'is what $version lists with $args, a model: $languageModel',
    ({ version, args, languageModel, tools }) => {
      const value = (flag: string) => args.find((arg) => arg.startsWith(`--${flag}=`))?.split('=')[1];
      const given = grants(version, {
        languageModel,
        addScopes: value('add-scopes')?.split(',') ?? [],
        skills: value('skills')?.split(',') ?? null,
        organizationSlug: value('organization-slug'),
        projectSlug: value('project-slug'),
      });
      // These are listed, and each call of them fails.
      const useless = lt(version, '0.29.0') && !languageModel ? ['search_events', 'search_issues'] : [];
      // From 0.37 on most are there through execute_sentry_tool only.
      if (tools.includes('execute_sentry_tool'))
        expect(offered(given)).toEqual(expect.arrayContaining([...tools]));
      else expect(offered(given)).toEqual(tools.filter((tool) => !useless.includes(tool)));
    },
  );

  it('says why a tool is off', () => {
    expect(reason(grants('0.18.0'), 'update_issue')).toBe('addScopes lacks event:write');
    expect(reason(grants('0.39.0', { skills: ['inspect'] }), 'update_issue')).toBe('needs the skill triage');
    expect(reason(grants('0.39.0', { organizationSlug: 'acme' }), 'find_organizations')).toContain('acme');
    expect(reason(grants('0.39.0', { projectSlug: 'web' }), 'find_projects')).toContain('web');
    expect(reason(grants('0.31.0'), 'search_issues')).toContain('OPENAI_API_KEY');
  });

  it('counts what is reached through execute_sentry_tool', () => {
    expect(offered(grants('0.39.0'))).toContain('update_project');
  });
});
