import type { Finding, FindingStatus } from '../../doctor/finding.ts';
import { printableText } from '../../logs/printable.ts';
import { FINDING_STYLES, type Paint } from './paint.ts';

/** What was looked at, a line each, with more lines where something is wrong; then how many of each. */
export function findingText(findings: readonly Finding[], paint: Paint): string {
  return `${findings.map((finding) => oneFinding(finding, paint)).join('')}\n${summary(findings)}\n`;
}

function oneFinding({ status, title, detail, hint }: Finding, paint: Paint): string {
  const head = `${paint(FINDING_STYLES[status], status.padEnd(WIDTH))} ${printableText(title)}`;
  if (status === 'ok') return `${head}${detail === '' ? '' : paint('dim', ` (${printableText(detail)})`)}\n`;
  const lines = detail === '' ? [] : printableText(detail).split('\n');
  const todo = hint === '' ? [] : [`→ ${printableText(hint)}`];
  return [head, ...[...lines, ...todo].map((line) => `  ${line}`)].map((line) => `${line}\n`).join('');
}

const WIDTH = 'warning'.length;

function summary(findings: readonly Finding[]): string {
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length;
  const plural = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const parts = [plural(count('error'), 'error'), plural(count('warning'), 'warning')];
  if (count('fixed') > 0) parts.push(`${count('fixed')} fixed`);
  return `${parts.join(', ')}, ${count('ok')} ok.`;
}
