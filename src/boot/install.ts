import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { hasCode, messageOf, SupervisorError } from '../errors.ts';
import { writeFiles } from '../write-files.ts';
import { type BootCommand, type BootItem, START_TIMEOUT_S, STOP_TIMEOUT_S } from './item.ts';

export interface CallOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Starting and stopping are waited for, and have these limits of their own. */
const TIMEOUT_MS = (START_TIMEOUT_S + STOP_TIMEOUT_S) * 1000;

/**
 * Writes the file and tells the system about it. False where the program for that is not there: the
 * commands are then for the user. Throws `boot.failed` where one of them fails; the file stays.
 */
export async function installItem(item: BootItem, options: CallOptions): Promise<boolean> {
  const { file, text, encoding, forget } = item;
  const mark = encoding === 'utf16le' ? '\ufeff' : '';
  writeFiles([{ path: file, before: null, after: mark + text, encoding }]);
  // It fails where there was nothing to forget.
  if (forget !== null) await call(forget, options, '').catch(() => options.signal.throwIfAborted());
  return callAll(item.install, options, `${item.file} is written.`);
}

/** Null where there was no such file; else as `installItem`. The file is gone in any case. */
export async function removeItem(item: BootItem, options: CallOptions): Promise<boolean | null> {
  if (!existsSync(item.file)) return null;
  const [disable, ...rest] = item.remove;
  const remove = () => {
    for (const path of [item.file, ...item.links]) rmSync(path, { force: true });
  };
  try {
    // The system wants the file to be there until it has forgotten it.
    const isThere = await callAll(
      disable === undefined ? [] : [disable],
      options,
      `${item.file} is removed.`,
    );
    remove();
    return isThere && (await callAll(rest, options, `${item.file} is removed.`));
  } finally {
    remove();
  }
}

async function callAll(
  commands: readonly BootCommand[],
  options: CallOptions,
  state: string,
): Promise<boolean> {
  for (const command of commands) if (!(await call(command, options, state))) return false;
  return true;
}

function call(command: BootCommand, { env, signal }: CallOptions, state: string): Promise<boolean> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, signal, timeout: TIMEOUT_MS, windowsHide: true };
    execFile(program, args, options, (error, _stdout, stderr) => {
      if (error === null) resolve(true);
      else if (hasCode(error, 'ENOENT')) resolve(false);
      else if (signal.aborted) reject(error);
      else {
        const reason = stderr.trim() || messageOf(error);
        const hint = `${state} Run the command yourself once that is mended.`;
        reject(new SupervisorError('boot.failed', `${commandText(command)} failed: ${reason}`, hint));
      }
    });
  });
}

/** A command as one would type it. */
export function commandText(command: BootCommand): string {
  return command.map((part) => (/^[\w@%+=:,./\\-]+$/.test(part) ? part : `"${part}"`)).join(' ');
}
