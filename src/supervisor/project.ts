import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Pm2Home } from '../engine/pm2-home.ts';
import { hasCode, SupervisorError } from '../errors.ts';
import { hideFromGit } from '../logs/hide-from-git.ts';
import type { ServerName } from '../model.ts';
import { claimPlace } from './place.ts';

/** sun_path holds 108 bytes on Linux and 104 on macOS; `/gateway.sock` makes it 100. */
const MAX_SOCKET_DIR_BYTES = 87;

const SOCKET_DIR_NOTE = 'socket-dir';

/** Beside the config, 0700: state, sockets, pm2's home. */
export const STATE_DIR = '.mcp-supervisor';

/** Name the processes that are the supervisor and its keeper. */
export const SUPERVISOR_FILE = 'supervisor.json';
export const KEEPER_FILE = 'keeper.json';
const GROUPS = 'groups';
const PM2 = 'pm2';

/** Where everything of one project is. */
export interface Project {
  /** The folder of the config file. */
  readonly root: string;
  readonly configFile: string;
  readonly stateDir: string;
  readonly socketDir: string;
  readonly pm2: Pm2Home;
  readonly logsDir: string;
  readonly adminSocket: string;
  readonly runnerSocket: string;
  /** The gateway's own, beside its port. */
  readonly gatewaySocket: string;
}

export interface ProjectOptions {
  readonly configFile: string;
  /** XDG_RUNTIME_DIR, where there is one. */
  readonly runtimeDir?: string | undefined;
}

export function locateProject({ configFile, runtimeDir }: ProjectOptions): Project {
  const root = dirname(configFile);
  const stateDir = join(root, STATE_DIR);
  const id = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  const near = join(stateDir, 'run');
  const short = `mcps-${id}`;
  const socketDir = fits(near)
    ? near
    : (notedDir(stateDir, short) ?? firstThatFits(short, [runtimeDir, tmpdir()]));
  const socket = (name: string) =>
    process.platform === 'win32'
      ? `\\\\.\\pipe\\mcp-supervisor-${id}-${name}`
      : join(socketDir, `${name}.sock`);
  return {
    root,
    configFile,
    stateDir,
    socketDir,
    pm2: { dir: join(stateDir, PM2), socketDir },
    logsDir: join(root, 'logs'),
    adminSocket: socket('admin'),
    runnerSocket: socket('runner'),
    gatewaySocket: socket('gateway'),
  };
}

/** Makes the folders that hold state and sockets, and refuses them where others could write. */
export function prepareProject(project: Project): void {
  makePrivate(project.stateDir);
  claimPlace(project.stateDir, [SUPERVISOR_FILE, KEEPER_FILE, GROUPS, PM2]);
  for (const dir of [project.socketDir, groupsDir(project)]) makePrivate(dir);
  hideFromGit(project.stateDir);
  // A folder that was there before may hold what its owner wants to commit.
  if (mkdirSync(project.logsDir, { recursive: true, mode: 0o700 }) !== undefined)
    hideFromGit(project.logsDir);
  const isElsewhere = dirname(project.socketDir) !== project.stateDir;
  if (isElsewhere) writeFileSync(stateFile(project, SOCKET_DIR_NOTE), project.socketDir, { mode: 0o600 });
}

/** Makes the state's folder alone, for a verb that keeps something there while nothing runs. */
export function prepareState({ stateDir }: Project): void {
  makePrivate(stateDir);
  hideFromGit(stateDir);
}

/**
 * Where the sockets are, once they are anywhere: callers' environments differ in what is a good place,
 * and one that looked elsewhere would find nothing running. Null where that folder is gone, and where
 * the note came along with a copy of another project.
 */
function notedDir(stateDir: string, name: string): string | null {
  try {
    const dir = readFileSync(join(stateDir, SOCKET_DIR_NOTE), 'utf8');
    return basename(dir) === name && existsSync(dir) ? dir : null;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

export const groupsDir = (project: Project): string => join(project.stateDir, GROUPS);
export const stateFile = (project: Project, name: string): string => join(project.stateDir, name);
export const logFile = (project: Project, server: ServerName): string =>
  join(project.logsDir, `${server}.log`);

function fits(dir: string): boolean {
  return Buffer.byteLength(dir) <= MAX_SOCKET_DIR_BYTES;
}

function firstThatFits(name: string, parents: readonly (string | undefined)[]): string {
  const dirs = parents.filter((dir) => dir !== undefined && dir !== '').map((dir) => join(`${dir}`, name));
  return dirs.find(fits) ?? join('/tmp', name);
}

function makePrivate(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || stat.uid !== userInfo().uid) {
    const hint = 'Remove it, or run as the user that it belongs to.';
    throw new SupervisorError('files.unsafe', `${dir} is not a folder of this user`, hint);
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(dir, 0o700);
}
