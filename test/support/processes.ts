import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { until } from './until.ts';

export interface ProcessRow {
  readonly pid: number;
  readonly command: string;
}

/** The processes that belong to a project: its folder is their working directory or in their command. */
export function processesOf(dir: string): ProcessRow[] {
  return process.platform === 'linux' ? fromProc(dir) : fromPs(dir);
}

/** Whether it runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || stateOf(pid) !== 'Z';
}

/** The arguments of a process, as `ps` shows them to everybody. */
export function argumentsOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

function fromProc(dir: string): ProcessRow[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => {
    try {
      const command = argumentsOf(pid);
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      const ours = pid !== process.pid && (command.includes(dir) || `${cwd}/`.startsWith(`${dir}/`));
      return ours && stateOf(pid) !== 'Z' ? [{ pid, command }] : [];
    } catch {
      // It ended while we looked, or is another user's.
      return [];
    }
  });
}

/** `Z` only once nothing of it is left: its main thread may be a zombie before the others have ended. */
function stateOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' && Number(fields[17]) > 1 ? 'ending' : (fields[0] ?? 'Z');
  } catch {
    return 'Z';
  }
}

function fromPs(dir: string): ProcessRow[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return rows.flatMap((row) => {
    const match = /^\s*(\d+) (.*)$/.exec(row);
    return match?.[2]?.includes(dir) ? [{ pid: Number(match[1]), command: match[2] }] : [];
  });
}

/** The most memory that a process has had resident at once. */
export function peakMemoryBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Resolves once a process has neither read nor written anything for half a second: something holds it back. */
export async function heldBack(pid: number): Promise<void> {
  let [before, since] = ['', Date.now()];
  await until(`process ${pid} is held back`, () => {
    const now =
      readFileSync(`/proc/${pid}/io`, 'utf8')
        .match(/^[rw]char: \d+$/gm)
        ?.join() ?? '';
    if (now !== before) [before, since] = [now, Date.now()];
    return Date.now() - since > 500;
  });
}
