/** What `sentry({ … })` may say, once the config is parsed and its `${VAR}`s are replaced. */
export interface SentryOptions {
  /** An exact version, a range or a dist-tag. */
  readonly version?: string | undefined;
  /** Scopes on top of the read ones; [] is read-only. */
  readonly addScopes: readonly string[];
  /** For 0.22 and later: the skills to offer, instead of those that follow from `addScopes`. */
  readonly skills?: readonly string[] | undefined;
  /** Default: `SENTRY_ORGANIZATION_SLUG`, where there is one. */
  readonly organizationSlug?: string | undefined;
  /** Default: `SENTRY_PROJECT_SLUG`, where there is one. */
  readonly projectSlug?: string | undefined;
  /** Default: `SENTRY_HOST`, where there is one, else sentry.io. */
  readonly host?: string | undefined;
  readonly insecureHttp: boolean;
  /** Whether the server may report its own traces to `SENTRY_DSN`. */
  readonly telemetry: boolean;
  /** Whether clients are told what is wrong beside the answer of a tool that Sentry refused. */
  readonly annotate: boolean;
  /** Whether the login that `sentry-mcp auth login` left in the home directory may stand in for a token. */
  readonly cachedLogin: boolean;
  /** Another way to start it. Without `command`, `args` are added to the usual ones. */
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
}

/** Where the server asks when it is told no host. */
export const SENTRY_HOST = 'sentry.io';

export const SENTRY_PACKAGE = '@sentry/mcp-server';

/** What npx runs where the config names no version and the project has none installed. */
export const SENTRY_DEFAULT_VERSION = '0.39.0';
