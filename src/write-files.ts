import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { hasCode, messageOf, SupervisorError } from './errors.ts';

/** A file as it is to be. */
export interface FileChange {
  readonly path: string;
  /** null: there is none. */
  readonly before: string | null;
  /** null: it is to go. */
  readonly after: string | null;
  /** Of a file that is made; one that is there keeps its own. Default: 0644, less the umask. */
  readonly mode?: number;
  /** Default: utf8. */
  readonly encoding?: 'utf8' | 'utf16le';
}

/** The text of a file, or null where there is none. */
export function readText(path: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT', 'ENOTDIR')) return null;
    const why = cause instanceof TypeError ? 'it is not UTF-8 text' : messageOf(cause);
    throw new SupervisorError(
      'files.unusable',
      `${path} cannot be read: ${why}`,
      'Mend that, and try again.',
      {
        cause,
      },
    );
  }
}

/**
 * Writes all or nothing: every new text lies beside its file before the first one takes its place, and where
 * one cannot, those before it are put back. Each is replaced whole, and a symlink stays one.
 */
export function writeFiles(changes: readonly FileChange[]): void {
  const staged: { path: string; temporary: string | null; before: string | null }[] = [];
  const done: typeof staged = [];
  try {
    for (const change of changes) {
      const path = targetOf(change.path);
      const temporary = change.after === null ? null : `${path}.${randomUUID()}.tmp`;
      staged.push({ path, temporary, before: change.before });
      if (change.after !== null && temporary !== null) stage(path, temporary, change.after, change);
    }
    for (const file of staged) {
      if (file.temporary === null) rmSync(file.path, { force: true });
      else renameSync(file.temporary, file.path);
      done.push(file);
    }
  } catch (cause) {
    for (const { path, before } of done) putBack(path, before);
    const message = `Nothing was changed: ${messageOf(cause)}`;
    throw new SupervisorError('files.unusable', message, 'Mend that, and try again.', { cause });
  } finally {
    for (const { temporary } of staged) if (temporary !== null) discard(temporary);
  }
}

/** What a path leads to, also where that is not there yet. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  try {
    return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)));
  } catch (error) {
    // It is no link, or its folder is not there.
    if (hasCode(error, 'EINVAL', 'ENOENT')) return path;
    throw error;
  }
}

function stage(path: string, temporary: string, text: string, { mode, encoding = 'utf8' }: FileChange): void {
  mkdirSync(dirname(path), { recursive: true });
  const own = statSync(path, { throwIfNoEntry: false })?.mode;
  const wanted = own === undefined ? mode : own & 0o777;
  // Never wider than it will be, not even while it is written.
  writeFileSync(temporary, text, { encoding, mode: wanted ?? 0o666, flag: 'wx' });
  if (wanted !== undefined) chmodSync(temporary, wanted);
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // Whatever keeps it from going has been reported, or is in a folder that is none.
  }
}

function putBack(path: string, before: string | null): void {
  if (before === null) rmSync(path, { force: true });
  else writeFileSync(path, before);
}
