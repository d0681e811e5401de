import { printableText } from '../../logs/printable.ts';
import type { ToolAccess, Verdict } from '../../model.ts';
import type { CredentialReport } from '../context.ts';
import { type Paint, SEVERITY_STYLES } from './paint.ts';

/** `check`: a paragraph for each server. */
export function credentialText(reports: readonly CredentialReport[], paint: Paint): string {
  return reports.map((report) => oneReport(report, paint)).join('\n');
}

function oneReport({ server, title, verdict, tools, findings }: CredentialReport, paint: Paint): string {
  const told = verdict === null ? nothingAsked(findings.length > 0) : `${title}: ${verdictText(verdict)}`;
  const lines = [
    `${paint('bold', server)}: ${printableText(told)}`,
    ...toolLines(tools),
    ...findings.flatMap(({ code, severity, message, hint }) => [
      `  ${paint(SEVERITY_STYLES[severity], `${severity} ${code}`)}: ${printableText(message)}`,
      ...(hint === '' ? [] : [`    → ${printableText(hint)}`]),
    ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function nothingAsked(hasFindings: boolean): string {
  return hasFindings
    ? 'nobody was asked about its credentials'
    : 'has no `check` in the config, so nobody was asked';
}

function verdictText(verdict: Verdict): string {
  if (verdict.kind !== 'accepted') return `${verdict.kind}: ${verdict.detail}`;
  if (verdict.scopes === null) return 'accepted';
  return `accepted, with ${verdict.scopes.length === 0 ? 'no scopes' : verdict.scopes.toSorted().join(', ')}`;
}

const TITLES: Readonly<Record<ToolAccess['access'], string>> = {
  works: 'work',
  'lacks-scope': 'lack a scope',
  unknown: 'not known',
  off: 'not offered',
};

function toolLines(tools: readonly ToolAccess[]): string[] {
  return (Object.keys(TITLES) as ToolAccess['access'][]).flatMap((access) => {
    const found = tools.filter((tool) => tool.access === access);
    if (found.length === 0) return [];
    const head = `  ${found.length} ${found.length === 1 ? 'tool' : 'tools'} ${TITLES[access]}`;
    if (access === 'works') return [`${head}: ${found.map(({ tool }) => tool).join(', ')}`];
    return [`${head}:`, ...byReason(found).map((line) => `    ${printableText(line)}`)];
  });
}

/** `create_dsn, update_project: needs the skill project-management` */
function byReason(tools: readonly ToolAccess[]): string[] {
  const reasons = new Set(tools.map(({ reason }) => reason));
  return [...reasons].map((reason) => {
    const names = tools.filter((tool) => tool.reason === reason).map(({ tool }) => tool);
    return `${names.join(', ')}: ${reason ?? ''}`;
  });
}
