import { fstatSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../errors.ts';
import { hideFromGit } from './hide-from-git.ts';
import { rotatedIndexes, rotatedPath } from './rotated-files.ts';
import { withRotationLock } from './rotation-lock.ts';

/** Times a file may be rotated away while it is being opened; then it is written to all the same. */
const ATTEMPTS = 10;

export interface RotatingFileOptions {
  readonly maxBytes: number;
  /** How many rotated files are kept beside the one that is written to. */
  readonly keep: number;
  /** A rotation has failed; the file goes on growing. */
  readonly onRotationError: (error: unknown) => void;
}

export interface Appended {
  readonly bytes: number;
  /** Why it is not all of them; null when it is. */
  readonly error: unknown;
}

/**
 * Appends to a log file that other processes append to and rotate as well. What is handed over at
 * once is one write to a file opened with O_APPEND, which no other write can come in the middle of.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #options: RotatingFileOptions;
  #handle: FileHandle | null = null;

  constructor(path: string, options: RotatingFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  async append(data: Buffer): Promise<Appended> {
    let bytes = 0;
    try {
      const handle = await this.#fileFor(data.length);
      // A short write announces a full disk, mostly; then the next one says so.
      while (bytes < data.length) bytes += (await handle.write(data, bytes)).bytesWritten;
      return { bytes, error: null };
    } catch (error) {
      await this.close();
      return { bytes, error };
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // What a failing disk says now, it has said to the write before.
    await handle?.close().catch(() => {});
  }

  /** The file at the path, opened anew when it has been rotated or deleted, rotated when it is full. */
  async #fileFor(bytes: number): Promise<FileHandle> {
    for (let attempt = 1; ; attempt += 1) {
      this.#handle ??= await openForAppend(this.#path);
      const handle = this.#handle;
      const own = fstatSync(handle.fd, { bigint: true });
      if (attempt === ATTEMPTS) return handle;
      if (inodeAt(this.#path) !== own.ino) {
        await this.close();
        continue;
      }
      const full = own.size > 0n && Number(own.size) + bytes > this.#options.maxBytes;
      if (!full || !(await this.#rotate(own.ino))) return handle;
    }
  }

  /** false: another process is at it, or it failed. Nothing is lost: the lines go to the file as it is. */
  async #rotate(ino: bigint): Promise<boolean> {
    try {
      return await withRotationLock(`${this.#path}.lock`, async () => {
        // Another process may have rotated between our look and the lock.
        if (inodeAt(this.#path) === ino) await shiftFiles(this.#path, this.#options.keep);
      });
    } catch (error) {
      this.#options.onRotationError(error);
      return false;
    }
  }
}

async function shiftFiles(path: string, keep: number): Promise<void> {
  for (const index of [0, ...(await rotatedIndexes(path))].reverse()) {
    if (index >= keep) await rm(rotatedPath(path, index), { force: true });
    else await rename(rotatedPath(path, index), rotatedPath(path, index + 1));
  }
}

async function openForAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    await makeFolder(dirname(path));
    return open(path, 'a', 0o600);
  }
}

/** The log's folder alone: a project that was removed or moved away is not to come back because of its log. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    hideFromGit(path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/**
 * Looked up without a trip through the thread pool, which costs twenty times as much and would be
 * most of what logging costs. Only the write itself may keep a slow disk busy for long.
 */
function inodeAt(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
