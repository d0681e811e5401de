import { describe, expect, it } from 'vitest';
import { expandScopes, toolScopes, toolSkills } from '../../../../src/servers/sentry/scopes.ts';
import { TOOL_ROWS } from '../../../../src/servers/sentry/tools.ts';

describe('expandScopes', () => {
  it('includes lower levels of the same resource', () => {
    expect([...expandScopes(['event:admin', 'org:write', 'project:releases'])]).toEqual([
      'event:admin',
      'event:write',
      'event:read',
      'org:write',
      'org:read',
      'project:releases',
    ]);
  });
});

describe('toolScopes', () => {
  it.each([
    ['0.18.0', 'create_project', ['project:write', 'team:read']],
    ['0.23.1', 'create_project', ['project:write', 'team:read']],
    ['0.39.0', 'create_project', ['project:write', 'team:read', 'org:read']],
    ['0.18.0', 'whoami', []],
    ['0.19.0', 'analyze_issue_with_seer', ['seer']],
    ['0.18.0', 'add_issue_note', null],
    ['0.30.0', 'list_issues', ['event:read']],
    ['0.39.0', 'list_issues', null],
    // Read as the nearest version that was measured.
    ['0.10.0', 'create_team', ['team:write']],
    ['0.28.0', 'search_issue_events', ['event:read']],
    ['1.5.0', 'update_uptime_monitor', ['project:write']],
    [null, 'update_issue', ['event:write']],
    ['0.39.0', 'no_such_tool', null],
  ])('%s %s: %j', (version, tool, scopes) => {
    expect(toolScopes(version, tool)).toEqual(scopes);
  });
});

it('knows the skills, any of which offers a tool', () => {
  expect(toolSkills('0.39.0', 'find_teams')).toEqual(['inspect', 'triage', 'project-management']);
  expect(toolSkills('0.39.0', 'whoami')).toEqual(['*']);
  expect(toolSkills('0.18.0', 'whoami')).toEqual([]);
});

it('has one row per tool and version', () => {
  const versions = ['0.18.0', '0.19.0', '0.20.0', '0.22.0', '0.31.0', '0.33.0', '0.36.0', '0.37.0', '0.39.0'];
  const tools = new Set(TOOL_ROWS.map(([tool]) => tool));
  const counts = versions.map(
    (version) => [...tools].filter((tool) => toolScopes(version, tool) !== null).length,
  );
  expect(counts).toEqual([19, 19, 20, 20, 28, 28, 34, 44, 53]);
});
