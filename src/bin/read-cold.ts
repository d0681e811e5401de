import { dirname } from 'node:path';
import type { ServerName, WantedServer } from '../model.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { checkNames } from '../supervisor/names.ts';

/** What it takes to read a project's config and env files without a supervisor. */
export interface ColdProject {
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** null: all. */
  readonly servers: readonly ServerName[] | null;
}

/** The servers that are asked for, as they would be started now, and the values of the env files. */
export async function readCold(
  { configFile, publicEntry, execPath, env, servers: names }: ColdProject,
  overrides: Readonly<Record<string, string>> = {},
): Promise<{ readonly wanted: readonly WantedServer[]; readonly secrets: readonly string[] }> {
  const reader = new DesiredReader({ root: dirname(configFile), configFile, publicEntry, execPath });
  const { servers, secrets } = await reader.read(env, overrides);
  checkNames(names, servers.keys());
  const wanted = [...servers.values()]
    .map((server) => server.wanted)
    .filter(({ name }) => names === null || names.includes(name));
  return { wanted, secrets };
}
