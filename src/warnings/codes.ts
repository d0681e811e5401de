/**
 * Every code that is ours, and so has a section in docs/warnings.md; a test holds the list against both the
 * page and the source. Users' `logRules` choose codes of their own, which no page of ours explains.
 */
export const WARNING_CODES: ReadonlySet<string> = new Set([
  'access.denied',
  'config.invalid',
  'env.line-ignored',
  'env.unreadable',
  'env.variable-missing',
  'feature.llm-key-missing',
  'log.unwritable',
  'reload.failed',
  'scope.flag-missing',
  'scope.invalid',
  'scope.not-expressible',
  'scope.suspected',
  'scope.token-missing',
  'sentry.flag-deprecated',
  'sentry.flag-invalid',
  'sentry.option-unsupported',
  'sentry.version-broken',
  'sentry.version-unknown',
  'server.crash-loop',
  'server.over-memory',
  'skill.invalid',
  'stdout.noise',
  'stdout.oversize',
  'token.limited',
  'token.missing',
  'token.on-command-line',
  'token.rejected',
  'tool.not-offered',
  'webhook.failed',
  'webhook.unusable',
]);

/** Where a code is explained: a path in this package, with the anchor. null: it is not one of ours. */
export function docsOf(code: string): string | null {
  return WARNING_CODES.has(code) ? `docs/warnings.md#${code}` : null;
}
