import { gte } from 'semver';
import type { WarningDraft } from '../../model.ts';
import { type SentryTraits, sentryArgs } from './flags.ts';
import { type SentryInsight, sentryInsight } from './insight.ts';
import { SENTRY_HOST, SENTRY_PACKAGE, type SentryOptions } from './options.ts';
import { findToken, TOKEN_VARIABLES, tokenMissing } from './token.ts';
import { type Lookup, present, recordedLookup, without } from './variables.ts';

/** How the server is started, before anything is asked of it: see `start.ts`. */
export interface SentryStart extends SentryTraits {
  readonly command: string;
  readonly args: readonly string[];
}

export interface SentryLaunch extends SentryInsight {
  readonly command: string;
  readonly args: readonly string[];
  /** What the server needs on top of the safe base. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The variables that were read from `lookup`, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly warnings: readonly WarningDraft[];
}

/** The variables that options of the config were filled with. */
export interface SentryOrigins {
  readonly host: readonly string[];
  /** Those of a value of `env`, by its name. */
  readonly env: (name: string) => readonly string[];
}

export interface BlockedSentry {
  readonly blocked: readonly [WarningDraft, ...WarningDraft[]];
}

/**
 * The Sentry server's command line and environment, or why it must not start.
 *
 * From the env files and the environment it takes the token (`SENTRY_AUTH_TOKEN`, else
 * `SENTRY_ACCESS_TOKEN`), `SENTRY_HOST`, `SENTRY_ORGANIZATION_SLUG`, `SENTRY_PROJECT_SLUG`,
 * `EMBEDDED_AGENT_PROVIDER` with that provider's API key, and `SENTRY_DSN` if telemetry is wanted;
 * options beat them. Anything else it needs has to be declared in `env`, which beats the env files.
 */
export function sentryServer(input: {
  readonly options: SentryOptions;
  readonly lookup: Lookup;
  readonly start: SentryStart;
  readonly origins: SentryOrigins;
}): SentryLaunch | BlockedSentry {
  const { start, origins } = input;
  const declared = input.options.env ?? {};
  const read = recordedLookup(input.lookup, declared);
  const options = {
    ...input.options,
    host: hostOnly(input.options.host ?? read('SENTRY_HOST')),
    organizationSlug: input.options.organizationSlug ?? read('SENTRY_ORGANIZATION_SLUG'),
    projectSlug: input.options.projectSlug ?? read('SENTRY_PROJECT_SLUG'),
  };

  const flags = sentryArgs(options, start);
  const site = { host: options.host ?? SENTRY_HOST, insecureHttp: flags.args.includes('--insecure-http') };
  const found = findToken((name) => declared[name], input.lookup);
  const [first, ...others] = [
    ...(start.version === '0.19.0' ? [brokenVersion()] : []),
    ...(found.kind === 'found' || mayUseLogin(options, start)
      ? []
      : [tokenMissing(found, { ...options, site })]),
  ];
  if (first !== undefined) return { blocked: [first, ...others] };

  const model = languageModel(read, start.version);
  const env = {
    ...without(declared, [...TOKEN_VARIABLES, 'SENTRY_HOST', 'SENTRY_DSN']),
    ...(found.kind === 'found' ? { SENTRY_ACCESS_TOKEN: found.token } : {}),
    ...present('SENTRY_HOST', options.host),
    ...(options.telemetry ? present('SENTRY_DSN', read('SENTRY_DSN')) : {}),
    ...model,
  };
  const tokenVariables =
    found.kind === 'found' && found.source === input.lookup ? { [found.variable]: found.token } : {};
  return {
    command: start.command,
    args: [...start.args, ...flags.args],
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    variables: { ...read.variables, ...tokenVariables },
    warnings: [...flags.warnings, ...tokenInArgs(start.args)],
    ...sentryInsight({
      ...start,
      options,
      site,
      found,
      tokenVariables:
        found.kind === 'found' && found.source !== input.lookup ? origins.env(found.variable) : null,
      hostVariables: ['SENTRY_HOST', ...origins.host, ...origins.env('SENTRY_HOST')],
      languageModel: Object.keys(model).some((name) => name.endsWith('_API_KEY')),
      caFile: declared['NODE_EXTRA_CA_CERTS'],
    }),
  };
}

/** The key of the provider that the search tools are to use; another provider's key is not handed over. */
function languageModel(read: Lookup, version: string | null): Record<string, string> {
  if (version !== null && !gte(version, '0.17.1')) return {};
  const provider = read('EMBEDDED_AGENT_PROVIDER');
  const key = PROVIDER_KEYS.get(provider?.toLowerCase() ?? '') ?? 'OPENAI_API_KEY';
  return { ...present('EMBEDDED_AGENT_PROVIDER', provider), ...present(key, read(key)) };
}

const PROVIDER_KEYS = new Map([
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['openrouter', 'OPENROUTER_API_KEY'],
]);

/** The server wants a host name: no scheme, no path. */
function hostOnly(host: string | undefined): string | undefined {
  const name = host
    ?.trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/s, '');
  return name === '' ? undefined : name;
}

/** A cached login may belong to somebody else, so using one is a choice; older versions know none. */
function mayUseLogin(options: SentryOptions, { version }: SentryStart): boolean {
  return options.cachedLogin && (version === null || gte(version, '0.31.0'));
}

function brokenVersion(): WarningDraft {
  return {
    code: 'sentry.version-broken',
    severity: 'error',
    subject: '0.19.0',
    message: `${SENTRY_PACKAGE} 0.19.0 is broken: every one of its tools answers with an error.`,
    hint: "Set `version` of sentry({ … }) to another one, such as '0.20.0', or install another one.",
  };
}

function tokenInArgs(args: readonly string[]): readonly WarningDraft[] {
  if (!args.some((arg) => arg.startsWith('--access-token'))) return [];
  return [
    {
      code: 'token.on-command-line',
      severity: 'warning',
      subject: '',
      message: 'The Sentry token is on the command line, where every user of this machine can see it.',
      hint: `Take --access-token out of \`args\`; ${TOKEN_VARIABLES[0]} in the env file is enough.`,
    },
  ];
}
