import { hasCode, SupervisorError } from '../../errors.ts';
import { printableText } from '../../logs/printable.ts';
import type { Paint } from './paint.ts';

/** What went wrong, and what to do about it. An error that nobody has foreseen is a bug of ours. */
export function errorText(thrown: unknown, paint: Paint): string {
  const error = known(thrown);
  if (error !== null) {
    const { code, message, hint } = error;
    return `${paint('red', 'error')} ${code}: ${printableText(message)}\n  → ${printableText(hint)}\n`;
  }
  const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return `${paint('red', 'error')} supervisor.internal: ${what}\n  → Please report this.\n`;
}

/** The same for scripts. */
export function errorJson(thrown: unknown): string {
  const { code, message, hint, docs } =
    known(thrown) ?? new SupervisorError('supervisor.internal', String(thrown), 'Please report this.');
  return `${JSON.stringify({ error: { code, message, hint, docs } })}\n`;
}

export function exitCodeOf(error: unknown): number {
  return known(error)?.exitCode ?? 1;
}

/** What a file system says that is as its owner left it, or full. */
const FILE_PROBLEMS = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
];

function known(error: unknown): SupervisorError | null {
  if (error instanceof SupervisorError) return error;
  if (!hasCode(error, ...FILE_PROBLEMS) || !(error instanceof Error) || !('path' in error)) return null;
  const hint = 'Check who may read and write there, and whether there is room.';
  return new SupervisorError('files.unusable', error.message, hint, { cause: error });
}
