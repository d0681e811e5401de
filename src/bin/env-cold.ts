import { dirname, relative, resolve } from 'node:path';
import type { EnvAccess } from '../cli/context.ts';
import { EnvFiles } from '../config/env-files.ts';
import { loadConfig } from '../config/load.ts';
import { SupervisorError } from '../errors.ts';
import type { ServerName, WarningDraft } from '../model.ts';
import { type ColdProject, readCold } from './read-cold.ts';

/** What the env files export now, or (`server`) what a server is given of it; whether anything runs or not. */
export async function readEnvCold(
  project: Omit<ColdProject, 'servers'>,
  server: ServerName | null,
): Promise<EnvAccess> {
  const { configFile, publicEntry } = project;
  const root = dirname(configFile);
  if (server === null) {
    const config = await loadConfig(configFile, { publicEntry });
    const { values, warnings } = new EnvFiles(root).read(config.envFiles.map((file) => resolve(root, file)));
    return { values, notes: usable(warnings) };
  }
  const { config, warnings, wanted } = await readCold({ ...project, servers: [server] });
  const files = [...config.envFiles, ...(config.servers[server]?.envFiles ?? [])];
  const names = files.map((file) => relative(root, resolve(root, file)));
  const notes = usable(warnings.filter(({ subject }) => names.includes(subject)));
  const [asked] = wanted;
  if (asked === undefined || 'blocked' in asked) throw blocked(server, asked?.blocked ?? []);
  return { values: asked.launch.env, notes };
}

/** A file that cannot be used is an error here: half of an environment is worse than none. */
function usable(warnings: readonly WarningDraft[]): string[] {
  const broken = warnings.filter(({ severity }) => severity === 'error');
  const hint = broken[0]?.hint;
  if (hint === undefined) return warnings.map(({ message }) => message);
  throw new SupervisorError('env.unreadable', broken.map(({ message }) => message).join('\n'), hint);
}

function blocked(server: ServerName, reasons: readonly WarningDraft[]): SupervisorError {
  const message = [`${server} cannot be started as it is:`, ...reasons.map((reason) => reason.message)];
  return new SupervisorError('server.blocked', message.join('\n  '), reasons[0]?.hint ?? '');
}
