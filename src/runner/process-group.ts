import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../errors.ts';
import { processRow, processTable, residentBytes } from './process-table.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Comparable within one boot. */
  readonly startTime: string;
}

/** A child's process group, written down so that it can be found after its runner was killed. */
export interface GroupRecord extends ProcessIdentity {
  /** The child's runner: while this process lives, the group is looked after. */
  readonly runner: ProcessIdentity;
  readonly bootId: string;
}

const POLL_MS = 20;

/** Writes down the group that `pid` leads. Null where the child is gone already. */
export function recordGroup(file: string, pid: number): GroupRecord | null {
  const child = identify(pid);
  const runner = identify(process.pid);
  if (child === null || runner === null) return null;
  const record = { ...child, runner, bootId: bootId() };
  writeFileSync(file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  return record;
}

export function readGroup(file: string): GroupRecord | null {
  return readIdentity(file) as GroupRecord | null;
}

/** A process that was written down. */
export function readIdentity(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    // A record that a crash cut short names nobody.
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Ends what a killed runner left behind, unless its runner still looks after it; removes the record. */
export async function sweepGroup(file: string, termMs: number): Promise<boolean> {
  const record = readGroup(file);
  if (record !== null && isSameProcess(record.runner)) return false;
  const swept = record !== null && isRecordedGroup(record) && (await endGroup(record.pid, termMs));
  rmSync(file, { force: true });
  return swept;
}

/** SIGTERM to the group, SIGKILL to what is left of it after `termMs`. False when nothing was there. */
export async function endGroup(pid: number, termMs: number): Promise<boolean> {
  if (!groupAlive(pid)) return false;
  signalGroup(pid, 'SIGTERM');
  if (await groupGone(pid, termMs)) return true;
  signalGroup(pid, 'SIGKILL');
  await groupGone(pid, 5000);
  return true;
}

/** Whether anything but zombies is left in the group. */
export function groupAlive(pid: number): boolean {
  return signalGroup(pid, 0) && processTable().some((row) => row.group === pid);
}

/** Resident memory of whole groups, by the group's id, without those that are gone. One look at the table. */
export function memoryByGroup(groups: readonly number[]): Map<number, number> {
  const wanted = new Set(groups);
  const bytes = new Map<number, number>();
  for (const { pid, group } of wanted.size === 0 ? [] : processTable()) {
    if (wanted.has(group)) bytes.set(group, (bytes.get(group) ?? 0) + residentBytes(pid));
  }
  return bytes;
}

export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(process.platform === 'win32' ? pid : -pid, signal);
}

/** False when there is nobody to signal. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    // macOS answers EPERM for a group of zombies; nobody else's group can have this id.
    if (hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

/** SIGTERM, then SIGKILL, to one process; resolves once it is gone, or is not to be ended. */
export async function endProcess(pid: number, termMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!signalProcess(pid, signal)) return;
    const deadline = Date.now() + termMs;
    while (processRow(pid) !== null && Date.now() < deadline) await sleep(POLL_MS);
    if (processRow(pid) === null) return;
  }
}

/** What it takes to recognise a process later. Null when it is gone already. */
export function identify(pid: number): ProcessIdentity | null {
  const row = processRow(pid);
  return row === null ? null : { pid, startTime: row.startTime };
}

/** Whether the process that was recorded still runs, and is not another one under its id. */
export function isSameProcess(recorded: ProcessIdentity): boolean {
  return processRow(recorded.pid)?.startTime === recorded.startTime;
}

async function groupGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (groupAlive(pid)) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/**
 * Whether the group is the one that was recorded. The kernel gives no process an id that is still a
 * group's, so while the leader lives its start time decides; without it, no member may be older.
 */
export function isRecordedGroup(record: GroupRecord): boolean {
  if (record.bootId !== bootId()) return false;
  const leader = processRow(record.pid);
  if (leader !== null) return leader.startTime === record.startTime;
  const members = processTable().filter((row) => row.group === record.pid);
  return members.every((row) => !isOlder(row.startTime, record.startTime));
}

function isOlder(a: string, b: string): boolean {
  const [x, y] = [a, b].map((time) => (/^\d+$/.test(time) ? Number(time) : Date.parse(time)));
  return (x ?? 0) < (y ?? 0);
}

function bootId(): string {
  return process.platform === 'linux' ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : '';
}
