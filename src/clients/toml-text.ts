import { parse, TomlError } from 'smol-toml';
import { messageOf, SupervisorError } from '../errors.ts';

/** A `[table]` or `[[list of tables]]`: from its header to the next one. */
export interface Section {
  /** `['mcp_servers', 'sentry', 'env']`. */
  readonly path: readonly string[];
  readonly start: number;
  /** Where its last line with something in it ends, with that line's break. */
  readonly end: number;
}

export function parseToml(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (cause) {
    // The other lines of its message quote the file.
    const [what = ''] = messageOf(cause).split('\n');
    const where = cause instanceof TomlError ? ` on line ${cause.line}` : '';
    throw new SupervisorError(
      'files.unusable',
      `${file} is no valid TOML: ${what.replace('Invalid TOML document: ', '')}${where}`,
      'Correct it first; it was left as it is.',
      { cause },
    );
  }
}

/** The sections of a valid TOML text, in order. */
export function sections(text: string): Section[] {
  const headers: { path: readonly string[]; start: number }[] = [];
  const ends: number[] = [];
  let end = 0;
  for (let start = 0; start < text.length; ) {
    const next = endOfStatement(text, start);
    const statement = text.slice(start, next);
    if (/^[ \t]*\[/.test(statement)) {
      if (headers.length > 0) ends.push(end);
      headers.push({ path: pathOf(statement), start });
    }
    if (!/^\s*(?:#|$)/.test(statement)) end = next;
    start = next;
  }
  ends.push(end);
  return headers.map((header, index) => ({ ...header, end: ends[index] ?? text.length }));
}

/** Where the line ends, or the lines of a value that goes on over several. */
function endOfStatement(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const three = text.slice(at, at + 3);
    const character = text[at] ?? '';
    if (three === '"""' || three === "'''") at = endOfLong(text, at, three) - 1;
    else if (character === '"' || character === "'") at = endOfShort(text, at, character) - 1;
    else if (character === '#') at = endOfLine(text, at) - 1;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === '\n' && depth <= 0) return at + 1;
  }
  return text.length;
}

/** Behind the quotes, of which a text may end with two more than the three that close it. */
function endOfLong(text: string, start: number, quotes: string): number {
  const pattern = quotes === '"""' ? /(?:\\[\s\S]|(?!""")[\s\S])*"{3,5}/y : /(?:(?!''')[\s\S])*'{3,5}/y;
  pattern.lastIndex = start + 3;
  return pattern.test(text) ? pattern.lastIndex : text.length;
}

function endOfShort(text: string, start: number, quote: string): number {
  const pattern = quote === '"' ? /(?:\\.|[^"\\\n])*"/y : /[^'\n]*'/y;
  pattern.lastIndex = start + 1;
  return pattern.test(text) ? pattern.lastIndex : start + 1;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

/** A header is a document of its own; what it makes says its path. */
function pathOf(header: string): string[] {
  const path: string[] = [];
  let value: unknown = parse(header);
  while (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const [entry] = Object.entries(value);
    if (entry === undefined) break;
    path.push(entry[0]);
    value = entry[1];
  }
  return path;
}
