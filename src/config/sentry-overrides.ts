import { z } from 'zod';
import { SupervisorError } from '../errors.ts';
import type { SentryOverrides } from '../model.ts';
import { problemsOf } from './problems.ts';
import { sentryServer } from './server-schema.ts';

const { addScopes, organizationSlug, projectSlug } = sentryServer.shape;

/** The options of `sentry({ … })` that `up` can override, checked as in the config. */
export const sentryOverrides: z.ZodType<SentryOverrides> = z.strictObject({
  addScopes: addScopes.unwrap().optional(),
  organizationSlug,
  projectSlug,
});

const OPTIONS: Readonly<Record<string, string>> = {
  addScopes: '--sentry-add-scopes',
  organizationSlug: '--sentry-organization-slug',
  projectSlug: '--sentry-project-slug',
};

/** Throws `usage.invalid` with everything that is wrong; values are not repeated, as with the config. */
export function parseSentryOverrides(given: SentryOverrides): SentryOverrides {
  const result = sentryOverrides.safeParse(given);
  if (result.success) return result.data;
  const lines = problemsOf(result.error, []).map(({ path: [option, index], message }) => {
    const place = typeof index === 'number' ? `, its ${index + 1}. scope,` : '';
    return `${OPTIONS[String(option)]}${place} ${message}`;
  });
  const hint = 'For example: --sentry-add-scopes event:write,project:write, or "" for none.';
  throw new SupervisorError('usage.invalid', lines.join('\n'), hint);
}
