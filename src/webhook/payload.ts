import type { Severity, Warning } from '../model.ts';

export type ChangeKind = 'raised' | 'resolved';

/** A row of the warnings has changed. */
export interface Change {
  readonly kind: ChangeKind;
  readonly row: Warning;
}

/** Slack shows no more than this of a message. */
const MAX_TEXT = 3_000;

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return RANK[severity] >= RANK[least];
}

/** The body of the POST: the row as `warnings --json` has it, and what makes it readable elsewhere. */
export function payload(change: Change, project: string, redact: (text: string) => string): string {
  const { kind } = change;
  // Again, since a secret may have become known after the row was written.
  const { message, hint, subject } = change.row;
  const row = { ...change.row, message: redact(message), hint: redact(hint), subject: redact(subject) };
  return JSON.stringify({ ...row, event: kind, project, text: text({ kind, row }, project) });
}

/** One line, and while it lasts another one with what to do: in Slack's spelling. */
function text({ kind, row }: Change, project: string): string {
  const { code, server, severity, message, hint } = row;
  const what = `${code} ${server ?? 'project'}: ${message}`;
  const lines =
    kind === 'resolved'
      ? [`[${project}] resolved: ${what}`]
      : [`[${project}] ${severity} ${what}`, ...(hint === '' ? [] : [`→ ${hint}`])];
  return lines.map(oneLine).join('\n');
}

function oneLine(line: string): string {
  const flat = line.replace(/\s+/g, ' ').trim();
  const short = flat.length > MAX_TEXT ? `${flat.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, '')}…` : flat;
  // Slack would take `<token>` for a link, and `<!channel>` for a call to everybody.
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
