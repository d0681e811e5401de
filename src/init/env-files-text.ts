const HEADER = '# Moved here by `mcp-supervisor init`.';
const EXAMPLE_HEADER =
  '# Copy to .env (which git ignores) and fill in. Saving is enough: servers are replaced by themselves.';

/** The text with `lines` behind it; null where there is nothing to add. */
export function appended(
  text: string | null,
  lines: readonly string[],
  header: string | null,
): string | null {
  if (lines.length === 0) return null;
  const before = text ?? '';
  const eol = before.includes('\r\n') ? '\r\n' : '\n';
  const ended = before === '' || before.endsWith('\n') ? before : `${before}${eol}`;
  const gap = ended === '' ? '' : eol;
  const head = header === null ? '' : `${gap}${header}${eol}`;
  return `${ended}${head}${lines.map((line) => `${line}${eol}`).join('')}`;
}

/** `.env` with the values that moved. A value of several lines keeps its own line breaks. */
export function envFileText(text: string | null, lines: readonly string[]): string | null {
  return appended(text, lines, HEADER);
}

/** `.env.example` with every variable that the config reads: names only. */
export function exampleText(text: string | null, names: readonly string[]): string | null {
  const has = (name: string) => new RegExp(`^\\s*#?\\s*(?:export\\s+)?${name}\\s*=`, 'm').test(text ?? '');
  const missing = names.filter((name) => !has(name)).map((name) => `${name}=`);
  return appended(text, missing, text === null ? EXAMPLE_HEADER : null);
}

const IGNORED: readonly { readonly line: string; readonly same: RegExp }[] = [
  { line: '.env', same: /^\/?(?:\.env\*?|\*\.env)$/ },
  { line: '.mcp-supervisor/', same: /^\/?\.mcp-supervisor\/?\*?$/ },
  // What client-config leaves beside a client's file, with all that was in it.
  { line: '*.json.*.bak', same: /^\*(?:\.json\.\*)?\.bak$/ },
  { line: 'logs/', same: /^\/?logs(?:\/\*{0,2})?$/ },
];

/** `.gitignore` with what must not be committed. */
export function ignoreText(text: string | null): string | null {
  const present = (text ?? '').split(/\r?\n/).map((line) => line.trim());
  const missing = IGNORED.filter(({ same }) => !present.some((line) => same.test(line)));
  const lines = missing.map(({ line }) => line);
  return appended(text, lines, text === null ? null : '# mcp-supervisor');
}
