import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { ProjectAccess } from '../cli/context.ts';
import { findConfig } from '../config/load.ts';
import { hasCode } from '../errors.ts';
import type { LogFile } from '../logs/query.ts';
import { diffPlan } from '../plan/diff.ts';
import { imprintWanted } from '../plan/fingerprint.ts';
import { AdminClient } from '../supervisor/admin/client.ts';
import { bringUp } from '../supervisor/bring-up.ts';
import { DesiredReader } from '../supervisor/desired.ts';
import { checkNames } from '../supervisor/names.ts';
import { locateProject, logFile, type Project } from '../supervisor/project.ts';
import { tearDown } from '../supervisor/tear-down.ts';

export interface OpenOptions {
  readonly cwd: string;
  readonly config: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  readonly pm2Version: string;
  readonly execPath: string;
  readonly keeperScript: string;
  readonly publicEntry: string;
  readonly signal: AbortSignal;
}

/** Finds the project of a folder, and wires what the verbs may do with it. */
export function openProject(options: OpenOptions): ProjectAccess {
  const configFile = findConfig(options.cwd, options.config);
  const project = locateProject({ configFile, runtimeDir: options.env['XDG_RUNTIME_DIR'] });
  const admin = new AdminClient(project.adminSocket);
  return {
    admin,
    configFile,
    bringUp: () => bringUp({ ...options, project, admin }),
    tearDown: () => tearDown(project, admin, options.signal),
    planCold: (servers) => planCold(project, options, servers),
    logFiles: () => logFiles(project),
  };
}

/** Nothing runs, so everything that is selected and not blocked would start. */
async function planCold(
  { root, configFile }: Project,
  { publicEntry, execPath, env }: OpenOptions,
  names: readonly string[] | null,
) {
  const reader = new DesiredReader({ root, configFile, publicEntry, execPath });
  const { servers } = await reader.read(env);
  checkNames(names, servers.keys());
  const wanted = [...servers.values()]
    .map((server) => server.wanted)
    .filter(({ name }) => names === null || names.includes(name));
  // The key only matters for a comparison, and there is nothing to compare with.
  return diffPlan(new Map(), imprintWanted(wanted, Buffer.alloc(32)));
}

function logFiles(project: Project): LogFile[] {
  try {
    return readdirSync(project.logsDir)
      .filter((name) => name.endsWith('.log'))
      .map((name) => basename(name, '.log'))
      .map((server) => ({ server, path: logFile(project, server) }));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
