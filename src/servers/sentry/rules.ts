import type { LogRule } from '../../model.ts';
import { type Rule, ruleFrom } from '../../warnings/rules.ts';
import { SkippedToolsRule } from './skipped-tools.ts';

/** What the server says of itself on stdout and stderr; scope problems of the token are not among it. */
const LOG_RULES: readonly LogRule[] = [
  {
    pattern: /^Error: No access token was provided\./,
    code: 'token.missing',
    severity: 'error',
    subject: 'SENTRY_AUTH_TOKEN',
    message: 'The Sentry server found no token and exited.',
    hint: 'Put SENTRY_AUTH_TOKEN=<your token> into the env file; with `cachedLogin`, log in again.',
  },
  {
    // Without the value, which may be a secret: old versions print `--name=value`.
    pattern: /^Error: Invalid argument(?:\(s\))?: (?<flags>[^=]+)/,
    code: 'sentry.flag-invalid',
    severity: 'error',
    subject: '$<flags>',
    message: 'The Sentry server does not know the flag $<flags> and exited.',
    hint: 'Check `args` of sentry({ … }), and that `version` is the version that really runs.',
  },
  {
    pattern: /^Error: Invalid scopes provided: (?<scopes>.+)$/,
    code: 'scope.invalid',
    severity: 'error',
    subject: '$<scopes>',
    message: 'The Sentry server does not know the scope $<scopes> and exited.',
    hint: 'Correct `addScopes` of sentry({ … }); a scope looks like event:write.',
  },
  {
    pattern: /^Error: Invalid skills provided: (?<skills>.+)$/,
    code: 'skill.invalid',
    severity: 'error',
    subject: '$<skills>',
    message: 'The Sentry server does not know the skill $<skills> and exited.',
    hint: 'Correct `skills` of sentry({ … }); the log line after this one lists the ones there are.',
  },
  {
    pattern: /^Warning: (?:OPENAI_API_KEY environment variable is not set|No LLM API key found)/,
    code: 'feature.llm-key-missing',
    severity: 'info',
    subject: 'OPENAI_API_KEY',
    message: 'The Sentry server has no key for a language model: it cannot search in plain words.',
    hint: 'Optional: put OPENAI_API_KEY=<key> into the env file. Everything else works without it.',
  },
  {
    pattern: /--add-scopes is deprecated/,
    code: 'sentry.flag-deprecated',
    severity: 'info',
    subject: '--add-scopes',
    message: 'This Sentry server ignores --add-scopes; it goes by skills.',
    hint: 'Set `version` of sentry({ … }) to the version that really runs, so that --skills is used.',
  },
];

/** The built-in rules, for one generation of one Sentry server. */
export function sentryRules(version: string | null): readonly Rule[] {
  return [new SkippedToolsRule(version), ...LOG_RULES.map(ruleFrom)];
}
