import { dirname, relative, resolve } from 'node:path';
import type { EnvAccess } from '../cli/context.ts';
import { EnvFiles } from '../config/env-files.ts';
import { loadConfig } from '../config/load.ts';
import { SupervisorError } from '../errors.ts';
import type { ServerName, WarningDraft } from '../model.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { checkNames } from '../supervisor/names.ts';

export interface ColdEnv {
  readonly configFile: string;
  readonly publicEntry: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** null: what the project's env files export. */
  readonly server: ServerName | null;
}

/**
 * Reads the env files as they are now: whether a supervisor runs does not matter. In a file of its own
 * since it loads what reads a config, which most verbs leave to the supervisor.
 */
export async function readEnvCold({ configFile, env, server, ...options }: ColdEnv): Promise<EnvAccess> {
  const root = dirname(configFile);
  if (server === null) {
    const config = await loadConfig(configFile, options);
    const { values, warnings } = new EnvFiles(root).read(config.envFiles.map((file) => resolve(root, file)));
    return { values, notes: usable(warnings) };
  }
  const { config, servers, warnings } = await new DesiredReader({ root, configFile, ...options }).read(env);
  checkNames([server], servers.keys());
  const files = [...config.envFiles, ...(config.servers[server]?.envFiles ?? [])];
  const names = files.map((file) => relative(root, resolve(root, file)));
  const notes = usable(warnings.filter(({ subject }) => names.includes(subject)));
  const wanted = servers.get(server)?.wanted;
  if (wanted === undefined || 'blocked' in wanted) throw blocked(server, wanted?.blocked ?? []);
  return { values: wanted.launch.env, notes };
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
