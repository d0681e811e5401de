import { readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { daemonPid } from '../engine/pm2-daemon.ts';
import { hasCode, SupervisorError } from '../errors.ts';
import type { StatusReport } from '../model.ts';
import {
  groupAlive,
  isRecordedGroup,
  isSameProcess,
  readGroup,
  readIdentity,
} from '../runner/process-group.ts';
import type { AdminClient } from '../supervisor/admin/client.ts';
import { isCopy } from '../supervisor/place.ts';
import { groupsDir, KEEPER_FILE, type Project, SUPERVISOR_FILE, stateFile } from '../supervisor/project.ts';

const ANSWER_MS = 3_000;
const CONNECT_MS = 1_000;

/** A child's record, and who of the two lives. */
export interface GroupFacts {
  readonly file: string;
  /** `<server>@<generation>`. */
  readonly app: string;
  readonly group: number;
  readonly runner: number;
  readonly runnerLives: boolean;
  /** Whether anything of the group that was recorded is left. */
  readonly groupLives: boolean;
}

/** What of the supervisor and its helpers runs. */
export interface RuntimeFacts {
  /** null: none answers. */
  readonly status: StatusReport | null;
  /** Whether one is there that does not answer in time. */
  readonly isSilent: boolean;
  readonly supervisorPid: number | null;
  readonly keeperPid: number | null;
  readonly daemonPid: number | null;
  readonly groups: readonly GroupFacts[];
  /** Socket files that nobody listens on. */
  readonly staleSockets: readonly string[];
}

export const NOTHING_RUNS: RuntimeFacts = {
  status: null,
  isSilent: false,
  supervisorPid: null,
  keeperPid: null,
  daemonPid: null,
  groups: [],
  staleSockets: [],
};

export async function lookAtRuntime(project: Project, admin: AdminClient): Promise<RuntimeFacts> {
  const [answer, staleSockets] = await Promise.all([ask(admin), staleSocketsIn(project.socketDir)]);
  if (isCopy(project.stateDir)) return { ...NOTHING_RUNS, ...answer, staleSockets };
  return {
    ...answer,
    supervisorPid: livingPid(stateFile(project, SUPERVISOR_FILE)),
    keeperPid: livingPid(stateFile(project, KEEPER_FILE)),
    daemonPid: daemonPid(project.pm2),
    groups: groupsOf(project),
    staleSockets,
  };
}

async function ask(admin: AdminClient): Promise<Pick<RuntimeFacts, 'status' | 'isSilent'>> {
  try {
    return { status: await admin.status(ANSWER_MS), isSilent: false };
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    return { status: null, isSilent: error.code !== 'supervisor.not-running' };
  }
}

function livingPid(file: string): number | null {
  const recorded = readIdentity(file);
  return recorded !== null && isSameProcess(recorded) ? recorded.pid : null;
}

function groupsOf(project: Project): GroupFacts[] {
  const dir = groupsDir(project);
  return namesIn(dir).flatMap((name) => {
    const file = join(dir, name);
    const record = readGroup(file);
    if (record === null || record.runner === undefined) return [];
    const { pid: group, runner } = record;
    return [
      {
        file,
        app: name.replace(/\.json$/, ''),
        group,
        runner: runner.pid,
        runnerLives: isSameProcess(runner),
        groupLives: groupAlive(group) && isRecordedGroup(record),
      },
    ];
  });
}

/** A socket file outlives a process that was killed. */
async function staleSocketsIn(dir: string): Promise<string[]> {
  if (process.platform === 'win32') return [];
  const paths = namesIn(dir).map((name) => join(dir, name));
  const stale = await Promise.all(paths.map(async (path) => ((await isStaleSocket(path)) ? [path] : [])));
  return stale.flat();
}

export async function isStaleSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket() && !(await isListenedTo({ path }));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES')) return false;
    throw error;
  }
}

/** Whether somebody accepts connections there. What takes its time is somebody. */
export function isListenedTo(address: { path: string } | { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const settle = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(CONNECT_MS, () => settle('path' in address));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle('path' in address && !hasCode(error, 'ECONNREFUSED', 'ENOENT')));
  });
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}
