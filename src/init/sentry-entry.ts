import { lt, valid } from 'semver';
import type { FoundServer } from '../clients/read-servers.ts';
import { configText, literal, plainText, type Template } from '../clients/references.ts';
import { parseNpx } from '../servers/npx.ts';
import { SENTRY_PACKAGE } from '../servers/sentry/options.ts';
import { TOKEN_VARIABLES } from '../servers/sentry/token.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { SecretStore } from './secret-store.ts';

/** What is written into `sentry({ … })`; texts are those of the config. */
export interface SentryOptionsText {
  readonly version?: string;
  readonly addScopes?: readonly string[];
  readonly skills?: readonly string[];
  readonly organizationSlug?: string;
  readonly projectSlug?: string;
  readonly host?: string;
  readonly insecureHttp?: true;
  readonly telemetry?: true;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Read scopes are always asked for. */
const isWrite = (scope: string) => !scope.endsWith(':read');

/** The options of a plain entry that starts Sentry's server with npx; null for any other. */
export function sentryOptions(
  server: FoundServer,
  name: string,
  store: SecretStore,
): SentryOptionsText | null {
  const call = npxCall(server);
  if (call === null) return null;
  const version = valid(call.spec) ?? undefined;
  const { flags, rest } = readFlags(call.args);
  const env = { ...server.env };
  const take = (flag: string, ...names: readonly string[]): Template | undefined => {
    const values = [flags.get(flag), ...names.map((name) => env[name])];
    for (const name of names) delete env[name];
    return values.find((value) => value !== undefined && value.length > 0);
  };
  const token = take('access-token', 'SENTRY_ACCESS_TOKEN', 'SENTRY_AUTH_TOKEN');
  const skills = words(take('skills', 'MCP_SKILLS'));
  const scopes = words(flags.get('add-scopes') ?? flags.get('scopes'))?.filter(isWrite);
  const readOnly = version !== undefined && lt(version, '0.22.0') && !rest.some(isAllScopes) ? [] : undefined;
  const host = take('host', 'SENTRY_HOST', 'SENTRY_URL');
  const organization = take('organization-slug', 'SENTRY_ORGANIZATION_SLUG');
  const project = take('project-slug', 'SENTRY_PROJECT_SLUG');
  const dsn = take('sentry-dsn', 'SENTRY_DSN');
  const access = tokenEnv(token, store);
  const others = hideSecrets(
    { ...server, args: rest, env: { ...env, ...(dsn === undefined ? {} : { SENTRY_DSN: dsn }) } },
    name,
    store,
  );
  const declared = { ...access, ...others.env };
  return {
    ...given('version', version),
    ...given('addScopes', scopes ?? readOnly),
    ...given('skills', skills),
    ...given('organizationSlug', text(organization)),
    ...given('projectSlug', text(project)),
    ...given('host', text(host)),
    ...given('insecureHttp', flags.has('insecure-http') ? (true as const) : undefined),
    ...given('telemetry', dsn === undefined ? undefined : (true as const)),
    ...given('args', rest.length === 0 ? undefined : others.args.map(configText)),
    ...given('env', isEmpty(declared) ? undefined : texts(declared)),
  };
}

function npxCall(server: FoundServer): { spec: string | undefined; args: readonly Template[] } | null {
  if (!/(?:^|[\\/])npx(?:\.cmd)?$/.test(plainText(server.command) ?? '')) return null;
  // What stands behind the package may have references in it, so it is not npx's to read.
  const call = parseNpx(server.args.map((arg) => plainText(arg) ?? '\0'));
  if (call?.packageName !== SENTRY_PACKAGE) return null;
  return { spec: call.spec, args: server.args.slice(server.args.length - call.args.length) };
}

const KNOWN = new Set([
  ...['access-token', 'add-scopes', 'host', 'insecure-http', 'organization-slug', 'project-slug', 'scopes'],
  ...['sentry-dsn', 'skills', 'url'],
]);

/** The flags that have an option of their own, in either spelling; the rest is passed on. */
function readFlags(args: readonly Template[]): { flags: Map<string, Template>; rest: Template[] } {
  const flags = new Map<string, Template>();
  const rest: Template[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? [];
    const [first, ...others] = arg;
    const head = first?.kind === 'text' ? first.text : '';
    const [whole = '', name = '', equals] = /^--([a-z-]+)(=)?/.exec(head) ?? [];
    if (!KNOWN.has(name)) rest.push(arg);
    else if (equals !== undefined) flags.set(name, [...literal(head.slice(whole.length)), ...others]);
    else if (name === 'insecure-http') flags.set(name, []);
    else flags.set(name, args[++index] ?? []);
  }
  const url = flags.get('url');
  if (url !== undefined && !flags.has('host')) flags.set('host', url);
  return { flags, rest };
}

function isAllScopes(arg: Template): boolean {
  return plainText(arg) === '--all-scopes';
}

/** `sentry()` finds the token by itself where it has its usual name. */
function tokenEnv(token: Template | undefined, store: SecretStore): Readonly<Record<string, Template>> {
  if (token === undefined) return {};
  const value = plainText(token);
  const reference = value === null ? token : store.move(TOKEN_VARIABLES[0], value);
  const [only, more] = reference;
  const usual =
    more === undefined &&
    only?.kind === 'variable' &&
    only.fallback === undefined &&
    only.name === TOKEN_VARIABLES[0];
  return usual ? {} : { SENTRY_ACCESS_TOKEN: reference };
}

function words(template: Template | undefined): readonly string[] | undefined {
  if (template === undefined) return undefined;
  const value = plainText(template);
  return value === null
    ? undefined
    : value
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
}

function text(template: Template | undefined): string | undefined {
  return template === undefined || template.length === 0 ? undefined : configText(template);
}

function texts(env: Readonly<Record<string, Template>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, configText(value)]));
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0;
}

function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}
