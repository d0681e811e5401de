import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../../src/model.ts';
import { sentryRules } from '../../../../src/servers/sentry/rules.ts';
import { findings } from '../../../../src/warnings/rules.ts';

const record = (line: string): LogRecord => ({
  time: '2026-01-01T00:00:00.000Z',
  server: 'sentry',
  generation: 1,
  stream: 'stdout',
  level: 'info',
  line,
});

/** The order in which 0.18.0 prints them, without --add-scopes. */
const SKIPPED = [
  "[MCP] Skipping tool 'update_issue' - missing required scopes",
  "[MCP] Skipping tool 'create_team' - missing required scopes",
  "[MCP] Skipping tool 'create_project' - missing required scopes",
  "[MCP] Skipping tool 'update_project' - missing required scopes",
  "[MCP] Skipping tool 'create_dsn' - missing required scopes",
];

describe('tools that the flags leave out', () => {
  it('become one finding that grows and names the option', () => {
    const rules = sentryRules('0.18.0');
    const found = SKIPPED.flatMap((line) => findings(rules, record(line)));
    expect(found).toHaveLength(5);
    expect(new Set(found.map(({ code, subject }) => `${code}/${subject}`))).toEqual(
      new Set(['scope.flag-missing/']),
    );
    expect(found.at(-1)).toEqual({
      code: 'scope.flag-missing',
      severity: 'warning',
      subject: '',
      message:
        'Not offered, since their scopes are not switched on: create_dsn (project:write), ' +
        'create_project (project:write), create_team (team:write), update_issue (event:write), ' +
        'update_project (project:write).',
      hint: expect.stringContaining("add 'event:write', 'project:write', 'team:write' to `addScopes`"),
    });
  });

  it('with the default scopes are create_team alone', () => {
    const [found] = findings(sentryRules('0.18.0'), record(SKIPPED[1] ?? ''));
    expect(found?.message).toContain('create_team (team:write).');
    expect(found?.hint).toContain("add 'team:write' to `addScopes`");
    expect(found?.hint).toContain('the option, not the token');
  });

  it('are found once, however often a restart prints them', () => {
    const rules = sentryRules(null);
    expect(findings(rules, record(SKIPPED[0] ?? ''))).toHaveLength(1);
    expect(findings(rules, record(SKIPPED[0] ?? ''))).toHaveLength(0);
  });

  it('are named even where we know nothing of them', () => {
    const [found] = findings(
      sentryRules('0.18.0'),
      record("[MCP] Skipping tool 'brand_new' - missing required scopes"),
    );
    expect(found?.message).toContain('brand_new.');
    expect(found?.hint).toContain('the scopes they need');
  });
});

it.each([
  [
    'Error: No access token was provided. Pass one with `--access-token` or via `SENTRY_ACCESS_TOKEN`.',
    'token.missing SENTRY_AUTH_TOKEN',
  ],
  ['Error: No access token was provided.', 'token.missing SENTRY_AUTH_TOKEN'],
  ['Error: Invalid argument: --bogus=1', 'sentry.flag-invalid --bogus'],
  ['Error: Invalid argument(s): --bogus', 'sentry.flag-invalid --bogus'],
  ['Error: Invalid scopes provided: foo:bar', 'scope.invalid foo:bar'],
  ['Error: Invalid skills provided: foo', 'skill.invalid foo'],
  ['Warning: OPENAI_API_KEY environment variable is not set.', 'feature.llm-key-missing OPENAI_API_KEY'],
  [
    'Warning: No LLM API key found (OPENAI_API_KEY or ANTHROPIC_API_KEY).',
    'feature.llm-key-missing OPENAI_API_KEY',
  ],
  [
    'Warning: No LLM API key found (OPENAI_API_KEY, ANTHROPIC_API_KEY, or OPENROUTER_API_KEY).',
    'feature.llm-key-missing OPENAI_API_KEY',
  ],
  [
    '⚠️  Warning: --add-scopes is deprecated. Consider using --skills instead:',
    'sentry.flag-deprecated --add-scopes',
  ],
])('%s', (line, found) => {
  expect(
    findings(sentryRules('0.39.0'), record(line)).map(({ code, subject }) => `${code} ${subject}`),
  ).toEqual([found]);
});

it.each(['  --add-scopes  Add scopes to the default read-only set', 'Available skills: inspect, seer', ''])(
  'nothing in %j',
  (line) => {
    expect(findings(sentryRules('0.39.0'), record(line))).toEqual([]);
  },
);
