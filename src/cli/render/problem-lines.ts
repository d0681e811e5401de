import { printable } from '../../logs/printable.ts';
import type { Warning } from '../../model.ts';

/**
 * All active warnings, a line each, as compilers report problems, between a line that begins the list and one
 * that ends it. An editor's problem matcher reads it: that of `init` is held against this by a test.
 */
export function problemLines(configFile: string, warnings: readonly Warning[]): string {
  const lines = warnings.map(({ severity, code, server, message, hint }) => {
    const todo = hint === '' ? '' : ` → ${hint}`;
    const line = `${configFile}: ${severity} ${code} ${server ?? 'project'}: ${message}${todo}`;
    return printable(line.replaceAll('\n', ' '));
  });
  return [`Active warnings: ${warnings.length}`, ...lines, 'Serving; Ctrl-C stops everything.', ''].join(
    '\n',
  );
}
