import { isServerName } from './server-name.ts';

/** Comments and texts as a whole, names, and brackets; what else there is does not matter. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|[{}[\]():,]/g;

/**
 * The servers that the text of a config names, JSON or not. It is not run, so those that it computes are
 * missing: good enough to offer them, and safe in a folder that nobody has looked at yet.
 */
export function serverNamesIn(text: string): string[] {
  const tokens = (text.match(TOKEN) ?? []).filter((token) => !/^\/[/*]/.test(token));
  const start = tokens.findIndex((token, index) => {
    return unquoted(token) === 'servers' && tokens[index + 1] === ':' && tokens[index + 2] === '{';
  });
  const names = new Set<string>();
  let depth = 1;
  for (let at = start + 3; start !== -1 && at < tokens.length && depth > 0; at++) {
    const token = tokens[at] ?? '';
    if ('{[('.includes(token)) depth++;
    else if ('}])'.includes(token)) depth--;
    else if (depth === 1 && tokens[at + 1] === ':' && isServerName(unquoted(token)))
      names.add(unquoted(token));
  }
  return [...names];
}

function unquoted(token: string): string {
  return /^['"]/.test(token) ? token.slice(1, -1) : token;
}
