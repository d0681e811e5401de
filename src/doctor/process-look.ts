import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { programName } from '../program-name.ts';
import { realPath } from './tracked-file.ts';

/** Of a command line, the program and what it may be told to run. */
const MAX_FILES = 4;
/** Ticks of the process clock in a second, as Linux has it everywhere. */
const TICKS = 100;
const WRITES = 0o3;

/** A process of our user, as /proc shows it. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  readonly ageMs: number;
  /** The program's name, cut to 15 characters. */
  readonly name: string;
  /** May hold secrets: never to be shown. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The files that the beginning of its command line names, without symlinks. */
  readonly files: readonly string[];
  /** The nearest folder at or above its cwd that is a project of mcp-supervisor; null: none. */
  readonly project: string | null;
  /** What its stdin is: `pipe:[123]`, `socket:[123]`, or a path. */
  readonly stdin: string;
}

/** Our user's processes in our own container, or null where the system does not show them like this. */
export function seeProcesses(
  uid: number | null,
  isProject: (folder: string) => boolean,
): SeenProcess[] | null {
  if (process.platform !== 'linux' || uid === null) return null;
  const uptimeMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
  const mounts = readlinkSync('/proc/self/ns/mnt');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => see(pid, { uid, uptimeMs, mounts, isProject }));
}

interface Look {
  readonly uid: number;
  readonly uptimeMs: number;
  readonly mounts: string;
  readonly isProject: (folder: string) => boolean;
}

function see(pid: string, { uid, uptimeMs, mounts, isProject }: Look): SeenProcess[] {
  try {
    const dir = `/proc/${pid}`;
    // In another container the same path is another file.
    if (statSync(dir).uid !== uid || readlinkSync(`${dir}/ns/mnt`) !== mounts) return [];
    const stat = readFileSync(`${dir}/stat`, 'latin1');
    // proc(5): the name is in parentheses and may hold any character.
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const [state, parent, group, session] = fields;
    const startTime = fields[19];
    if (state === 'Z' || state === 'X' || startTime === undefined) return [];
    const argv = readFileSync(`${dir}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
    const cwd = readlinkSync(`${dir}/cwd`).replace(/ \(deleted\)$/, '');
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(session),
        startTime,
        ageMs: Math.max(0, uptimeMs - (Number(startTime) / TICKS) * 1000),
        name: programName(pid, stat.slice(stat.indexOf('(') + 1, end)),
        argv,
        cwd,
        files: filesOf(argv, cwd),
        project: projectOf(cwd, isProject),
        stdin: stdinOf(dir),
      },
    ];
  } catch {
    // It ended while we looked, or is closed to us.
    return [];
  }
}

function filesOf(argv: readonly string[], cwd: string): string[] {
  const paths = argv
    .slice(0, MAX_FILES)
    .filter((text) => text !== '' && !text.startsWith('-') && text.length < 4096);
  return paths.map((text) => realPath(resolve(cwd, text))).filter((file) => file !== null);
}

function projectOf(cwd: string, isProject: (folder: string) => boolean): string | null {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isProject(folder)) return folder;
    if (dirname(folder) === folder) return null;
  }
}

function stdinOf(dir: string): string {
  try {
    return readlinkSync(`${dir}/fd/0`);
  } catch {
    // It has closed it.
    return '';
  }
}

/** Whether anybody of ours but `reader` can still write to a pipe. Asks every process, so for few pipes only. */
export function hasWriter(pipe: string, reader: number, processes: readonly SeenProcess[]): boolean {
  return processes.some(({ pid }) => pid !== reader && writesTo(pid, pipe));
}

function writesTo(pid: number, pipe: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== pipe) return false;
      const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1];
      return (Number.parseInt(flags ?? '0', 8) & WRITES) !== 0;
    });
  } catch {
    // It ended while we looked.
    return false;
  }
}

/** A folder with one of these names in it is a project. */
export function projectTest(names: readonly string[]): (folder: string) => boolean {
  const known = new Map<string, boolean>();
  return (folder) => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const is = names.some((name) => existsSync(join(folder, name)));
    known.set(folder, is);
    return is;
  };
}

/** Who started a process, up to the first. */
export function ancestorsOf(pid: number, processes: readonly SeenProcess[]): number[] {
  const parents = new Map(processes.map((one) => [one.pid, one.parent]));
  const ancestors: number[] = [];
  for (let parent = parents.get(pid); parent !== undefined; parent = parents.get(parent))
    ancestors.push(parent);
  return ancestors;
}

/** Of a pm2 daemon, which renames its process: `PM2 v7.0.4: God Daemon (…)`. */
export function daemonVersion(processes: readonly SeenProcess[] | null, pid: number | null): string | null {
  const daemon = processes?.find((one) => one.pid === pid);
  return /^PM2 v([\d.]+)/.exec(daemon?.argv[0] ?? '')?.[1] ?? null;
}
