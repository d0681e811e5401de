import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonAnswers, endDaemon } from '../engine/pm2-daemon.ts';
import { Pm2Engine } from '../engine/pm2-engine.ts';
import { hasCode, messageOf, SupervisorError } from '../errors.ts';
import { endProcess, isSameProcess, readGroup, readIdentity, sweepGroup } from '../runner/process-group.ts';
import type { AdminClient } from './admin/client.ts';
import { withLock } from './lock.ts';
import {
  groupsDir,
  KEEPER_FILE,
  type Project,
  prepareProject,
  SUPERVISOR_FILE,
  stateFile,
} from './project.ts';

const LOCK_TIMEOUT_MS = 60_000;
/** The servers walk down their ladders in parallel; the longest that a config may ask for fits in. */
const SHUTDOWN_TIMEOUT_MS = 120_000;
/** How long a runner that lost its daemon needs to end its child. */
const RUNNER_END_MS = 20_000;
/** A supervisor that takes longer than this to tell its status hangs. */
const ANSWER_TIMEOUT_MS = 5_000;
const SUPERVISOR_END_MS = 5_000;
const TERM_MS = 3_000;
const POLL_MS = 20;
/** What pm2's daemon may take to end the supervisor and itself. */
const DAEMON_END_MS = 30_000;

/** The longest that a teardown may take; whoever starts us must not lose patience before. */
export const LONGEST_STOP_MS =
  LOCK_TIMEOUT_MS +
  ANSWER_TIMEOUT_MS +
  SHUTDOWN_TIMEOUT_MS +
  DAEMON_END_MS +
  2 * (SUPERVISOR_END_MS + TERM_MS) +
  RUNNER_END_MS +
  TERM_MS;

/**
 * Leaves no process of this project, whatever died before. Returns what did not go the usual way, for
 * the user to know.
 */
export function tearDown(project: Project, admin: AdminClient, signal: AbortSignal): Promise<string[]> {
  // Nothing is written down of what ran there, and it ends by itself. The project is not to come back because of us.
  if (!existsSync(project.stateDir)) {
    removeSockets(project);
    return Promise.resolve([]);
  }
  prepareProject(project);
  return withLock(stateFile(project, 'lock'), { timeoutMs: LOCK_TIMEOUT_MS, signal }, async () => {
    const notes: string[] = [];
    // Without the daemon nobody can stop an app the usual way, but each ends by itself when it goes.
    const hangs = !(await attempt(notes, "pm2's daemon", () => probeDaemon(project)));
    if (hangs) {
      await endDaemon(project.pm2, { hangs });
    } else {
      await attempt(notes, 'the supervisor', () => stopServers(admin));
      await attempt(notes, "pm2's daemon", () => stopApps(project));
      await endDaemon(project.pm2);
    }
    for (const file of [SUPERVISOR_FILE, KEEPER_FILE]) await gone(stateFile(project, file));
    notes.push(...(await sweepLeftovers(project)));
    removeSockets(project);
    return notes;
  });
}

function removeSockets({ socketDir }: Project): void {
  if (process.platform !== 'win32') rmSync(socketDir, { recursive: true, force: true });
}

/** Without its daemon the supervisor ends by itself, unless it hangs. */
async function gone(file: string): Promise<void> {
  const supervisor = readIdentity(file);
  if (supervisor === null) return;
  const deadline = Date.now() + SUPERVISOR_END_MS;
  while (isSameProcess(supervisor) && Date.now() < deadline) await sleep(POLL_MS);
  await endProcess(supervisor, TERM_MS);
}

async function probeDaemon(project: Project): Promise<void> {
  if (!(await daemonAnswers(project.pm2))) return;
  const engine = await Pm2Engine.connect(project.pm2, {});
  await engine.list();
  await engine.close();
}

async function stopServers(admin: AdminClient): Promise<void> {
  try {
    await admin.status(ANSWER_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof SupervisorError && error.code === 'supervisor.not-running') return;
    throw error;
  }
  await admin.shutdown(SHUTDOWN_TIMEOUT_MS);
}

async function stopApps(project: Project): Promise<void> {
  if (!(await daemonAnswers(project.pm2))) return;
  const engine = await Pm2Engine.connect(project.pm2, {});
  for (const { name } of await engine.list()) await engine.remove(name);
  await engine.close();
}

/** Part of it may be broken, which is no reason to leave the rest running. Whether it went well. */
async function attempt(notes: string[], what: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    notes.push(`${what} had to be ended by force: ${messageOf(error)}`);
    return false;
  }
}

/** Ends children whose runner was killed, and waits for runners that are just ending theirs. */
export async function sweepLeftovers(project: Project): Promise<string[]> {
  const swept = await Promise.all(
    groupFiles(project).map(async (file) => {
      await runnerGone(file);
      return (await sweepGroup(file, TERM_MS)) ? `ended what was left of ${nameOf(file)}` : null;
    }),
  );
  return swept.filter((note) => note !== null);
}

async function runnerGone(file: string): Promise<void> {
  const record = readGroup(file);
  if (record === null) return;
  const deadline = Date.now() + RUNNER_END_MS;
  while (isSameProcess(record.runner)) {
    if (Date.now() >= deadline) return endProcess(record.runner, TERM_MS);
    await sleep(POLL_MS);
  }
}

function groupFiles(project: Project): string[] {
  try {
    return readdirSync(groupsDir(project)).map((name) => join(groupsDir(project), name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function nameOf(file: string): string {
  return (file.split(/[/\\]/).at(-1) ?? file).replace(/\.json$/, '');
}
