import { readdirSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { readEnvFile } from '../config/env-files.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { ServerConfig } from '../config/server-schema.ts';
import { SupervisorError } from '../errors.ts';
import type { Launch, ServerName } from '../model.ts';
import { safeBase } from '../plan/safe-env.ts';
import { resolveServer } from '../servers/resolve.ts';
import { SENTRY_DEFAULT_VERSION } from '../servers/sentry/options.ts';
import { SentryStarts } from '../servers/sentry/start.ts';
import { TOKEN_VARIABLES } from '../servers/sentry/token.ts';
import { isSecretValue } from './secret-values.ts';

export interface WantedContext {
  /** As the supervisor names it: the folder of the config. */
  readonly root: string;
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
}

export type ConfigReading =
  | { readonly kind: 'loaded'; readonly config: Config }
  | { readonly kind: 'broken'; readonly problem: SupervisorError };

/** A server as it would be started; what its variables lack is left out. */
export interface WantedLaunch {
  readonly name: ServerName;
  readonly launch: Launch;
  /** Whether `up` would start it now. */
  readonly isBlocked: boolean;
}

export async function readConfig({ configFile, publicEntry }: WantedContext): Promise<ConfigReading> {
  try {
    return { kind: 'loaded', config: await loadConfig(configFile, { publicEntry }) };
  } catch (error) {
    if (error instanceof SupervisorError) return { kind: 'broken', problem: error };
    throw error;
  }
}

/** No env file is larger; what is larger is something else. */
export const MAX_ENV_BYTES = 4 * 1024 * 1024;

const EXAMPLE = /\.(?:example|sample|template)$/;

/** Where a variable may come from that nobody gives: a command line is to be known all the same. */
const ABSENT = 'absent-token';

/** The launches of all servers, resolved as the plan resolves them, also of those that are blocked. */
export async function wantedLaunches(config: Config, context: WantedContext): Promise<WantedLaunch[]> {
  const { root, execPath, env } = context;
  const sentryStarts = new SentryStarts(root, execPath, safeBase(env));
  const valuesOf = (files: readonly string[]) => valuesIn(files.map((file) => resolve(root, file)));
  const global = valuesOf(config.envFiles);
  const launches = Object.entries(config.servers).map(async ([name, server]): Promise<WantedLaunch[]> => {
    const ownValues = valuesOf(server.envFiles);
    const lookup = (key: string) => ownValues[key] ?? global[key] ?? env[key];
    const lenient = (key: string) => lookup(key) ?? (isToken(key) ? ABSENT : '');
    const common = { root, execPath, ownValues, envFile: '.env', sentryStarts, callCheck: noCheck };
    const asked = unasked(server);
    const [{ wanted }, real] = await Promise.all([
      resolveServer(name, asked, { ...common, lookup: lenient }),
      resolveServer(name, asked, { ...common, lookup }),
    ]);
    if ('blocked' in wanted) return [];
    const launch = { ...wanted.launch, env: { ...safeBase(env), ...wanted.launch.env } };
    return [{ name, launch, isBlocked: 'blocked' in real.wanted }];
  });
  return (await Promise.all(launches)).flat();
}

/** Services are asked by `check`. */
function noCheck(): Promise<never> {
  return Promise.reject(new Error('doctor asks no service'));
}

/** A program of the user's own would be run with --help to learn its flags, which matter to nobody here. */
function unasked(server: ServerConfig): ServerConfig {
  if (!('preset' in server) || server.command === undefined) return server;
  return { ...server, version: server.version ?? SENTRY_DEFAULT_VERSION };
}

function isToken(key: string): boolean {
  return (TOKEN_VARIABLES as readonly string[]).includes(key);
}

/** Of those that can be read; later ones beat earlier ones. */
export function valuesIn(files: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = Object.create(null);
  for (const file of files.filter(isUsable)) {
    const reading = readEnvFile(file);
    if (reading.kind === 'ok') Object.assign(values, reading.values);
  }
  return values;
}

/** Others may be endless. */
function isUsable(file: string): boolean {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= MAX_ENV_BYTES;
  } catch {
    // Missing, or a circle of links: another check says so.
    return false;
  }
}

/** Of the config; where it cannot be read, what looks like one. */
export function envFilesOf(config: Config | null, root: string): readonly string[] {
  const names =
    config === null
      ? ['.env', ...readdirSync(root).filter((name) => name.startsWith('.env.') && !EXAMPLE.test(name))]
      : [...config.envFiles, ...Object.values(config.servers).flatMap(({ envFiles }) => envFiles)];
  return [...new Set(names.map((name) => resolve(root, name)))];
}

/** What must not turn up elsewhere, and what to call it. */
export function secretsIn(files: readonly string[], root: string): [string, string][] {
  return files.flatMap((file) =>
    Object.entries(valuesIn([file]))
      .filter(([name, value]) => isSecretValue(name, value))
      .map(([name, value]): [string, string] => [
        value.trim(),
        `the value of ${name} in ${relative(root, file)}`,
      ]),
  );
}
