import type { SentryOptions } from '../../../../src/servers/sentry/options.ts';

/** What the config gives where nothing is said, with what a test is about on top. */
export function sentryOptions(given: Partial<SentryOptions> = {}): SentryOptions {
  return {
    addScopes: ['event:write', 'project:write'],
    insecureHttp: false,
    telemetry: false,
    cachedLogin: false,
    annotate: true,
    ...given,
  };
}
