import { SupervisorError } from '../../errors.ts';
import { printableText } from '../../logs/printable.ts';
import type { Paint } from './paint.ts';

/** What went wrong, and what to do about it. An error that is no SupervisorError is a bug of ours. */
export function errorText(error: unknown, paint: Paint): string {
  if (error instanceof SupervisorError) {
    const { code, message, hint } = error;
    return `${paint('red', 'error')} ${code}: ${printableText(message)}\n  → ${printableText(hint)}\n`;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${paint('red', 'error')} supervisor.internal: ${what}\n  → Please report this.\n`;
}

/** The same for scripts. */
export function errorJson(error: unknown): string {
  const { code, message, hint, docs } =
    error instanceof SupervisorError
      ? error
      : new SupervisorError('supervisor.internal', String(error), 'Please report this.');
  return `${JSON.stringify({ error: { code, message, hint, docs } })}\n`;
}

export function exitCodeOf(error: unknown): number {
  return error instanceof SupervisorError ? error.exitCode : 1;
}
