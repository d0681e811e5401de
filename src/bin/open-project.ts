import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectAccess } from '../cli/context.ts';
import { statusOrNull } from '../cli/read-status.ts';
import { configNotFound, lookForConfig } from '../config/find.ts';
import { serverNamesIn } from '../config/server-names.ts';
import { hasCode } from '../errors.ts';
import type { LogFile } from '../logs/query.ts';
import { AdminClient } from '../supervisor/admin/client.ts';
import { bringBack, bringUp } from '../supervisor/bring-up.ts';
import {
  locateProject,
  logFile,
  type Project,
  prepareState,
  STATE_DIR,
  stateFile,
} from '../supervisor/project.ts';
import { tearDown } from '../supervisor/tear-down.ts';

/** For whoever waits between two keys. */
const QUICK_MS = 500;

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
  const { cwd, config, env } = options;
  const found = lookForConfig(cwd, config);
  // A config that was deleted must not keep anybody from looking at what runs, or from ending it.
  const orphaned = config === undefined && existsSync(join(cwd, STATE_DIR));
  if (found === null && !orphaned) throw configNotFound(cwd, config);
  const configFile = found ?? join(cwd, 'ecosystem.config.ts');
  const project = locateProject({ configFile, runtimeDir: env['XDG_RUNTIME_DIR'] });
  const admin = new AdminClient(project.adminSocket);
  const needsConfig = () => {
    if (found === null) throw configNotFound(cwd, config);
  };
  return {
    admin,
    configFile,
    bringUp: async () => {
      needsConfig();
      return bringUp({ ...options, project, admin });
    },
    bringBack: async () => found !== null && bringBack({ ...options, project, admin }),
    tearDown: (signal = new AbortController().signal) => tearDown(project, admin, signal),
    planCold: async (servers, sentryOverrides) => {
      needsConfig();
      const { planCold } = await import('./plan-cold.ts');
      return planCold({ ...options, configFile, servers }, sentryOverrides);
    },
    checkSentryOverrides: async (given) => {
      const { parseSentryOverrides } = await import('../config/sentry-overrides.ts');
      return parseSentryOverrides(given);
    },
    readEnv: async (server) => {
      needsConfig();
      const { readEnvCold } = await import('./env-cold.ts');
      return readEnvCold({ ...options, configFile }, server);
    },
    serverNames: async () => {
      const running = (await statusOrNull(admin, QUICK_MS))?.servers.map(({ name }) => name) ?? [];
      const named = found === null ? [] : serverNamesIn(readFileSync(found, 'utf8'));
      return [...new Set([...running, ...named])];
    },
    endpoints: async () => {
      needsConfig();
      const { endpoints } = await import('./endpoints.ts');
      return endpoints(project, admin, options.publicEntry);
    },
    privateFile: (name) => {
      prepareState(project);
      return stateFile(project, name);
    },
    examine: async (fix) => {
      const { examineProject } = await import('./examine-project.ts');
      return examineProject({ ...options, project, admin }, fix);
    },
    checkCredentials: async (servers, instead) => {
      needsConfig();
      const { checkCold } = await import('./check-cold.ts');
      return checkCold({ ...options, configFile, servers, instead });
    },
    token: () => readToken(stateFile(project, 'token')),
    logFiles: () => logFiles(project),
  };
}

function readToken(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    // With `auth: 'none'` there may never have been one.
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Every log there is, also while it is being rotated: then its newest file is `<server>.log.1` for a moment. */
function logFiles(project: Project): LogFile[] {
  try {
    const names = readdirSync(project.logsDir).map((name) => /^(.+)\.log(?:\.\d+)?$/.exec(name)?.[1]);
    const servers = new Set(names.filter((name) => name !== undefined));
    return [...servers].map((server) => ({ server, path: logFile(project, server) }));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
