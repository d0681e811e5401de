import { appendItem } from '../clients/jsonc-edit.ts';
import { split } from '../clients/jsonc-layout.ts';
import { jsonValue, parseJsonc, valueAt } from '../clients/jsonc-text.ts';

/**
 * Reads what `up --foreground` prints of its warnings: the list is begun, every line is a problem, the list
 * is ended. What was there before goes when the next list begins.
 */
export const PROBLEM_MATCHER = {
  owner: 'mcp-supervisor',
  source: 'mcp-supervisor',
  fileLocation: 'absolute',
  pattern: {
    // Absolute, so that no line of a log, which begins with a time, can be taken for one.
    regexp:
      '^((?:/|[A-Za-z]:[\\\\/]).*?\\.(?:ts|mts|js|mjs|json)): (info|warning|error) ([a-z0-9.-]+) (\\S+: .*)$',
    kind: 'file',
    file: 1,
    severity: 2,
    code: 3,
    message: 4,
  },
  background: {
    activeOnStart: true,
    beginsPattern: '^Active warnings: \\d+$',
    endsPattern: '^Serving; Ctrl-C stops everything\\.$',
  },
} as const;

const task = (label: string, args: string, more: object) => ({
  label,
  type: 'shell',
  command: `npx mcp-supervisor ${args}`,
  ...more,
});

const TASKS = [
  task('Start MCP Servers', 'up --foreground', { isBackground: true, problemMatcher: PROBLEM_MATCHER }),
  task('Stop MCP Servers', 'down', { problemMatcher: [] }),
  task('MCP Servers: Status', 'status', { problemMatcher: [] }),
  task('MCP Servers: Logs', 'logs -f', { isBackground: true, problemMatcher: [] }),
];

/** `.vscode/tasks.json` with our tasks; those that have one of our labels already are left alone. */
export function tasksText(text: string | null, file: string): string {
  if (text === null || text.trim() === '') {
    return `${JSON.stringify({ version: '2.0.0', tasks: TASKS }, null, 2)}\n`;
  }
  const present: unknown = jsonValue(valueAt(parseJsonc(split(text).body, file), ['tasks']));
  const labels = Array.isArray(present) ? present.map((item: { label?: unknown }) => item?.label) : [];
  const missing = TASKS.filter(({ label }) => !labels.includes(label));
  return missing.reduce((all, one) => appendItem(all, file, ['tasks'], one), text);
}
