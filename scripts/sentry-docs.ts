import { rowsOf } from '../src/servers/sentry/scopes.ts';
import { MEASURED } from '../src/servers/sentry/tools.ts';

const INTRO = `# What each tool of the Sentry server needs

Generated from \`src/servers/sentry/tools.ts\` by \`npm run docs\`. Do not edit it. The data were measured by running the published versions of \`@sentry/mcp-server\` against a fake Sentry API.

This is version ${MEASURED.newest}; \`mcp-supervisor check\` says it for the version that your project runs, and for your token. All scopes of a row are needed, one of its skills is enough. \`always\` means that no skill is needed.

`;

/** The page for the newest version that was measured. */
export function sentryToolsPage(): string {
  const rows = rowsOf(MEASURED.newest).map(({ tool, scopes, skills }) => [
    `\`${tool}\``,
    scopes.map((scope) => `\`${scope}\``).join(', '),
    skills.includes('*') ? 'always' : skills.map((skill) => `\`${skill}\``).join(', '),
  ]);
  return `${INTRO}${markdownTable(['tool', 'scopes', 'skills'], rows)}`;
}

/** As the formatter has it. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}
