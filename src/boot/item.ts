import { createHash } from 'node:crypto';
import { posix, win32 } from 'node:path';

export type BootPlatform = 'linux' | 'macos' | 'windows';

/** What is to be started at boot, or at login, and for whom. */
export interface BootOrder {
  /** The program, then its arguments; paths are absolute. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly configFile: string;
  /** The environment of whoever asks: where things belong, and the PATH that servers are to have. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly user: string;
  /** The numeric id; -1 where there is none. */
  readonly uid: number;
}

/** A file that makes the system start us, and the commands that tell the system about it. */
export interface BootItem {
  readonly file: string;
  readonly text: string;
  readonly encoding: 'utf8' | 'utf16le';
  /** What must come before `install` where the system has an older file; null: nothing. */
  readonly forget: BootCommand | null;
  readonly install: readonly BootCommand[];
  readonly remove: readonly BootCommand[];
  /** Links to the file that the system has made; they are of no use without it. */
  readonly links: readonly string[];
  /** What else is worth knowing, for whoever installed it. */
  readonly hints: readonly string[];
}

export type BootCommand = readonly [program: string, ...args: string[]];

/** The longest that a stop may take: each part of `down` at its own limit. A usual one takes seconds. */
export const STOP_TIMEOUT_S = 300;
/** A server may have to be downloaded first. Each has a time limit of its own. */
export const START_TIMEOUT_S = 900;

export const pathOf = (platform: BootPlatform) => (platform === 'windows' ? win32 : posix);

/** Names one project among those of a user: the folder for people, the hash for the rest. */
export function projectId(configFile: string, platform: BootPlatform): string {
  const root = pathOf(platform).dirname(configFile);
  const name = pathOf(platform)
    .basename(root)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 8);
  return `${name === '' ? 'project' : name}-${hash}`;
}
