import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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

function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .charAt(0);
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
