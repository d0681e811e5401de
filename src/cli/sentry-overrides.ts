import type { SentryOverrides } from '../model.ts';
import type { ProjectAccess } from './context.ts';

/** The options of `up` that stand in for those of the config's Sentry presets. */
export interface SentryOptions {
  readonly sentryAddScopes?: string;
  readonly sentryOrganizationSlug?: string;
  readonly sentryProjectSlug?: string;
}

/** What was given, checked. An empty slug is none: a script passes on what it was not told. */
export async function sentryOverridesOf(
  { sentryAddScopes, sentryOrganizationSlug, sentryProjectSlug }: SentryOptions,
  project: ProjectAccess,
): Promise<SentryOverrides> {
  const given: SentryOverrides = {
    ...(sentryAddScopes === undefined ? {} : { addScopes: wordsOf(sentryAddScopes) }),
    ...(sentryOrganizationSlug ? { organizationSlug: sentryOrganizationSlug } : {}),
    ...(sentryProjectSlug ? { projectSlug: sentryProjectSlug } : {}),
  };
  // What checks them loads all that reads a config.
  return Object.keys(given).length === 0 ? given : project.checkSentryOverrides(given);
}

/** With spaces, too: PowerShell makes such a text of a list that is not quoted. */
function wordsOf(list: string): string[] {
  return list.split(/[\s,]+/).filter((word) => word !== '');
}
