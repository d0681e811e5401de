import type { ServerConfig } from '../../config/server-schema.ts';
import type { SentryOverrides } from '../../model.ts';

/** The options of a server with those of `up` in their place; only Sentry presets have such. */
export function withSentryOverrides(config: ServerConfig, overrides: SentryOverrides): ServerConfig {
  if (!('preset' in config)) return config;
  const {
    addScopes,
    organizationSlug = config.organizationSlug,
    projectSlug = config.projectSlug,
  } = overrides;
  // Skills would be used instead of scopes.
  const grants = addScopes === undefined ? {} : { addScopes: [...addScopes], skills: undefined };
  return { ...config, ...grants, organizationSlug, projectSlug };
}
