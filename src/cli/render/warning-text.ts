import { printableText } from '../../logs/printable.ts';
import type { Warning } from '../../model.ts';
import { type Paint, SEVERITY_STYLES } from './paint.ts';

/** What is wrong and what to do, for a person. It may quote a server. `withDocs`: also where the code is explained. */
export function warningText(warnings: readonly Warning[], paint: Paint, withDocs = false): string {
  return warnings
    .map((warning) => oneWarning(warning, paint) + (withDocs ? explained(warning, paint) : ''))
    .join('');
}

function oneWarning(warning: Warning, paint: Paint): string {
  const { server, code, severity, message, hint, count, lastSeen, state } = warning;
  const resolved = state === 'resolved' ? paint('dim', ' (resolved)') : '';
  const times = count > 1 ? paint('dim', ` (${count} times, last ${lastSeen})`) : '';
  const head = `${paint(SEVERITY_STYLES[severity], `${severity} ${code}`)} ${paint('bold', server ?? 'project')}`;
  const todo = hint === '' ? '' : `  → ${printableText(hint)}\n`;
  return `${head}: ${printableText(message)}${times}${resolved}\n${todo}`;
}

function explained({ docs }: Warning, paint: Paint): string {
  return docs === null ? '' : `  ${paint('dim', docs)}\n`;
}
