import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A running process; zombies are left out, since nothing of them can be ended. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Comparable within one boot: a process id that was reused has another one. */
  readonly startTime: string;
}

/** Every process that the system shows us, once; Linux reads /proc, other systems ask `ps`. */
export function processTable(): ProcessRow[] {
  return process.platform === 'linux' ? linuxTable() : psTable();
}

/** The row of one process, or null when it is gone or a zombie. */
export function processRow(pid: number): ProcessRow | null {
  if (process.platform === 'linux') return linuxRow(pid);
  return psTable().find((row) => row.pid === pid) ?? null;
}

/** Resident memory of one process. */
export function residentBytes(pid: number): number {
  try {
    const kilobytes =
      process.platform === 'linux'
        ? /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
        : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // It ended in the meantime, and so takes nothing.
    return 0;
  }
}

function linuxTable(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => linuxRow(Number(name)))
    .filter((row) => row !== null);
}

function linuxRow(pid: number): ProcessRow | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // It ended between the listing and the reading.
    return null;
  }
  // proc(5): the name is in parentheses and may hold any character, so fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  const [threads, , startTime] = fields.slice(17);
  // One that was killed is a zombie as soon as its main thread is, while others still hold its sockets open.
  const gone = state === 'X' || (state === 'Z' && Number(threads) <= 1);
  if (startTime === undefined || gone) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    startTime,
  };
}

function psTable(): ProcessRow[] {
  if (process.platform === 'win32') return [];
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  return rows
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pid, , , state]) => pid !== undefined && state !== undefined && !state.startsWith('Z'))
    .map(([pid, parent, group, , ...start]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      startTime: start.join(' '),
    }));
}
