import type { SentryOverrides } from '../../model.ts';

/** The overrides that are in force, as the options of `up` that they came from; nothing where there are none. */
export function sentryOverridesText(overrides: SentryOverrides | undefined): string {
  if (overrides === undefined) return '';
  const { addScopes, organizationSlug, projectSlug } = overrides;
  const options = [
    ...(addScopes === undefined ? [] : [`--sentry-add-scopes ${addScopes.join(',') || '""'}`]),
    ...(organizationSlug === undefined ? [] : [`--sentry-organization-slug ${organizationSlug}`]),
    ...(projectSlug === undefined ? [] : [`--sentry-project-slug ${projectSlug}`]),
  ];
  return `In force until the next \`up\`: ${options.join(' ')}\n`;
}
