import { dirname } from 'node:path';
import type { SentryOverrides, ServerName, WantedServer } from '../model.ts';
import { checkNames } from '../names.ts';
import { type Desired, DesiredReader } from '../supervisor/desired.ts';

/** What it takes to read a project's config and env files without a supervisor. */
export interface ColdProject {
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** null: all. */
  readonly servers: readonly ServerName[] | null;
}

export interface ColdOverrides {
  /** Beats every env file. */
  readonly values?: Readonly<Record<string, string>>;
  readonly sentry?: SentryOverrides;
}

/**
 * Reads the config and the env files as they are now; `wanted` are the servers that are asked for, as they
 * would be started. What imports this is itself imported only when needed: most verbs leave it to the supervisor.
 */
export async function readCold(
  { configFile, publicEntry, execPath, env, servers: names }: ColdProject,
  { values, sentry }: ColdOverrides = {},
): Promise<Desired & { readonly wanted: readonly WantedServer[] }> {
  const reader = new DesiredReader({ root: dirname(configFile), configFile, publicEntry, execPath });
  const desired = await reader.read(env, values, sentry);
  checkNames(names, desired.servers.keys());
  const wanted = [...desired.servers.values()]
    .map((server) => server.wanted)
    .filter(({ name }) => names === null || names.includes(name));
  return { ...desired, wanted };
}
