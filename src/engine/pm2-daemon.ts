import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { connect } from 'node:net';
import { hasCode, SupervisorError } from '../errors.ts';
import { endProcess, identify, signalProcess } from '../runner/process-group.ts';
import { processRow } from '../runner/process-table.ts';
import { daemonLog, type Pm2Home, pidFile, pm2Settings, preparePm2Home, rpcSocket } from './pm2-home.ts';
import { daemonScript } from './pm2-package.ts';

const LAUNCH_TIMEOUT_MS = 15_000;
const END_TIMEOUT_MS = 5_000;

/**
 * Starts the daemon of this home with `env` and pm2's settings as its whole environment: it would
 * hand anything more to every app, and print it. The caller holds the project's lock.
 */
export async function launchDaemon(home: Pm2Home, env: Readonly<Record<string, string>>): Promise<void> {
  preparePm2Home(home);
  const log = openSync(daemonLog(home), 'a', 0o600);
  const umask = process.umask(0o077);
  const child = spawn(process.execPath, [daemonScript()], {
    detached: true,
    windowsHide: true,
    cwd: home.dir,
    env: { ...env, ...pm2Settings(home) },
    stdio: ['ignore', log, log, 'ipc'],
  });
  process.umask(umask);
  closeSync(log);
  try {
    await launched(child, home);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function launched(child: ReturnType<typeof spawn>, home: Pm2Home): Promise<void> {
  const failed = (what: string) =>
    new SupervisorError('engine.failed', `pm2's daemon ${what}`, `See ${daemonLog(home)}.`);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failed(`was not ready after ${LAUNCH_TIMEOUT_MS / 1000} s`));
    }, LAUNCH_TIMEOUT_MS);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    // The daemon's one message: its sockets are bound.
    child.once('message', () => settle(resolve));
    child.once('error', (error) => settle(() => reject(failed(`did not start: ${error.message}`))));
    child.once('exit', (code) => settle(() => reject(failed(`ended at once with code ${code}`))));
  });
}

/** Whether something accepts connections on the daemon's socket. A stale socket file does not. */
export function daemonAnswers(home: Pm2Home): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(rpcSocket(home));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused, or no such file: nobody is there, which is the answer.
    socket.once('error', () => resolve(false));
  });
}

/** The daemon's process id as it wrote it down, if such a process runs. */
export function daemonPid(home: Pm2Home): number | null {
  try {
    const pid = Number(readFileSync(pidFile(home), 'utf8'));
    return Number.isInteger(pid) && pid > 1 && isDaemon(pid, home) ? pid : null;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Ends the daemon by its id; SIGKILL where SIGTERM does not do, or at once where it is known to hang. */
export async function endDaemon(home: Pm2Home, { hangs = false } = {}): Promise<void> {
  const pid = daemonPid(home);
  if (pid === null) return;
  if (hangs) signalProcess(pid, 'SIGKILL');
  const daemon = identify(pid);
  if (daemon !== null) await endProcess(daemon, END_TIMEOUT_MS);
}

/** A pid file outlives a crash, and its id may belong to somebody else by then. */
function isDaemon(pid: number, home: Pm2Home): boolean {
  if (processRow(pid) === null) return false;
  if (process.platform !== 'linux') return true;
  try {
    // pm2 renames its process, and the kernel may cut the name short: its folder tells whose it is.
    const isPm2 = readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('PM2 ');
    return isPm2 && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(home.dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return false;
    throw error;
  }
}
