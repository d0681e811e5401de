import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadPm2 } from '../engine/pm2-api.ts';
import { daemonAnswers, daemonPid, endDaemon, launchDaemon } from '../engine/pm2-daemon.ts';
import { Pm2Engine } from '../engine/pm2-engine.ts';
import { SupervisorError } from '../errors.ts';
import { offlineBase, safeBase } from '../plan/safe-env.ts';
import type { AdminClient } from './admin/client.ts';
import { withLock } from './lock.ts';
import { KEEPER_FILE, type Project, prepareProject, stateFile } from './project.ts';
import { sweepLeftovers } from './tear-down.ts';

/** The pm2 app of the supervisor and its keeper. A runner's name ends in @ and a number, so none is ever called this. */
export const SUPERVISOR_APP = 'mcp-supervisor';

const LOCK_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 30_000;
/** What the keeper needs to see that its record is gone, and to end the daemon. */
const LOST_END_MS = 2_000;
const POLL_MS = 20;
const RESTART_DELAY_MS = 10;
const KILL_TIMEOUT_MS = 5_000;

export interface BringUpOptions {
  readonly project: Project;
  readonly admin: AdminClient;
  /** The built `bin/keeper.js`. */
  readonly keeperScript: string;
  readonly version: string;
  readonly pm2Version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that a supervisor of this version answers, whatever is left of earlier ones.
 * True when it had to be started.
 */
export function bringUp(options: BringUpOptions): Promise<boolean> {
  const { project, admin, version } = options;
  prepareProject(project);
  const isThere = async () =>
    (await admin.answers()) && (await admin.status()).supervisor?.version === version;
  return startWhere(async () => !(await isThere()), options);
}

/**
 * Starts the supervisor again where pm2's daemon was lost, and everything with it, but nobody said `down`. True when
 * it did. On Windows, where `down` leaves no trace, never.
 */
export async function bringBack(options: BringUpOptions): Promise<boolean> {
  const { project } = options;
  if (process.platform === 'win32' || !(await isLost(project))) return false;
  return startWhere(() => isLost(project), options);
}

/** `isNeeded` is asked under the lock: whoever held it may have stopped the supervisor, or have started it. */
function startWhere(isNeeded: () => Promise<boolean>, options: BringUpOptions): Promise<boolean> {
  const { project, signal } = options;
  return withLock(stateFile(project, 'lock'), { timeoutMs: LOCK_TIMEOUT_MS, signal }, async () => {
    await lostOnesGone(project);
    if (!(await isNeeded())) return false;
    await ensureDaemon(options);
    await startSupervisor(options);
    return true;
  });
}

/**
 * What ran before the folder of the state was removed is about to end. Where the sockets are elsewhere it still
 * answers on them.
 */
async function lostOnesGone(project: Project): Promise<void> {
  const deadline = Date.now() + LOST_END_MS;
  const mayBeLost = () => !existsSync(stateFile(project, KEEPER_FILE)) && Date.now() < deadline;
  while (mayBeLost() && (await daemonAnswers(project.pm2))) await sleep(POLL_MS);
}

/** `down` takes the folder of the sockets along. */
async function isLost({ socketDir, pm2 }: Project): Promise<boolean> {
  return existsSync(socketDir) && !(await daemonAnswers(pm2));
}

/** A daemon that does not answer, or is of another pm2, is ended first: all its apps go with it. */
async function ensureDaemon({ project, env, pm2Version }: BringUpOptions): Promise<void> {
  const base = offlineBase(env);
  if (await daemonAnswers(project.pm2)) {
    const engine = await Pm2Engine.connect(project.pm2, base);
    if ((await engine.version()) === pm2Version) return;
    await engine.close();
  }
  await endDaemon(project.pm2);
  await sweepLeftovers(project);
  await Promise.all([launchDaemon(project.pm2, base), loadPm2(project.pm2)]);
}

async function startSupervisor(options: BringUpOptions): Promise<void> {
  const { project, env, keeperScript } = options;
  const outFile = join(project.stateDir, 'supervisor.out');
  const engine = await Pm2Engine.connect(project.pm2, safeBase(env));
  // One that hangs, or is of another version; its servers are taken over by the new one.
  await engine.remove(SUPERVISOR_APP);
  await engine.start({
    name: SUPERVISOR_APP,
    script: keeperScript,
    args: [project.configFile],
    cwd: project.root,
    killTimeoutMs: KILL_TIMEOUT_MS,
    restartDelayMs: RESTART_DELAY_MS,
    outFile,
  });
  await engine.close();
  await untilItAnswers(options, outFile);
}

async function untilItAnswers({ project, admin, signal }: BringUpOptions, outFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await admin.answers())) {
    if (daemonPid(project.pm2) === null) {
      const message = "pm2's daemon ended while the supervisor was starting";
      throw new SupervisorError('engine.failed', message, 'Run `mcp-supervisor up` again.');
    }
    if (Date.now() >= deadline) {
      const message = `The supervisor did not start within ${START_TIMEOUT_MS / 1000} s: ${lastLine(outFile)}`;
      throw new SupervisorError(
        'supervisor.unresponsive',
        message,
        `See ${outFile} and logs/supervisor.log.`,
      );
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

function lastLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    // It failed before it could say anything, which the caller's message says already.
    return 'it said nothing';
  }
}
