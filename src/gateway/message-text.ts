/** Where a value stands in a text: `text.slice(start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds a value in the text of valid JSON by its path of object keys. Messages are forwarded as they
 * were written, but for the one id that is exchanged: parsing and writing them again would round
 * integers over 2^53 and cost time. Of a key that is there twice the last one counts, as in JSON.parse.
 */
export function locate(text: string, path: readonly string[]): Span | null {
  let span: Span = { start: skipSpace(text, 0), end: text.length };
  for (const key of path) {
    const member = findMember(text, span.start, key);
    if (member === null) return null;
    span = member;
  }
  return span;
}

export function replaceSpan(text: string, { start, end }: Span, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/**
 * A message must be one line for stdio. In valid JSON a line break is white space; U+2028 and U+2029 stand
 * in strings only, and Node's readline, which many servers read with, takes them for the end of a line.
 */
export function onOneLine(text: string): string {
  const line = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
  return line.includes('\u2028') || line.includes('\u2029') ? line.replace(/[\u2028\u2029]/g, escaped) : line;
}

function escaped(separator: string): string {
  return separator === '\u2028' ? '\\u2028' : '\\u2029';
}

/** Where the elements of an array stand. */
export function elementsOf(text: string): Span[] {
  const spans: Span[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (at < text.length && text[at] !== ']') {
    const end = endOfValue(text, at);
    spans.push({ start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return spans;
}

function findMember(text: string, open: number, key: string): Span | null {
  if (text[open] !== '{') return null;
  let found: Span | null = null;
  let at = skipSpace(text, open + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (isKey(text.slice(at, keyEnd), key)) found = { start, end };
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return found;
}

/** A key may be written with escapes. */
function isKey(quoted: string, key: string): boolean {
  return quoted.includes('\\') ? JSON.parse(quoted) === key : quoted.slice(1, -1) === key;
}

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first === '{' || first === '[') return endOfNested(text, start);
  let end = start;
  while (end < text.length && !/[\s,}\]]/.test(text[end] ?? '')) end += 1;
  return end;
}

function endOfNested(text: string, start: number): number {
  const marks = /["[\]{}]/g;
  marks.lastIndex = start;
  let depth = 0;
  for (;;) {
    const mark = marks.exec(text)?.[0];
    if (mark === undefined) return text.length;
    if (mark === '"') marks.lastIndex = endOfString(text, marks.lastIndex - 1);
    else depth += mark === '{' || mark === '[' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
}

/** `indexOf` runs through a string of many MiB at memory speed. */
function endOfString(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at += 1;
  return at;
}
