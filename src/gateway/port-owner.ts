import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { programName } from '../program-name.ts';

const LISTENING = '0A';

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
  /** Its working folder, or ''. Of another project's supervisor it is that project. */
  readonly folder: string;
}

/** Which process listens on a TCP port, where the OS tells (Linux, our own user's processes). */
export function portOwner(port: number): PortOwner | null {
  if (process.platform !== 'linux') return null;
  const inodes = listeningInodes(port);
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && holdsSocket(name, inodes))
      return { pid: Number(name), command: commandOf(name), folder: folderOf(name) };
  }
  return null;
}

function listeningInodes(port: number): ReadonlySet<string> {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readText(file).split('\n').slice(1));
  return new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local = '', , state]) => state === LISTENING && local.endsWith(`:${hexPort}`))
      .map((fields) => fields[9] ?? ''),
  );
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    // It ended, or belongs to somebody else: then the OS does not tell.
    return false;
  }
}

/** Its name only: a command line may hold secrets. */
function commandOf(pid: string): string {
  return programName(pid, readText(`/proc/${pid}/comm`).trim());
}

function folderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It ended just now.
    return '';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
