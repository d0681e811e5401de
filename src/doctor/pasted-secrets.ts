import { type Span, secretFinder, tokenSpans } from '../logs/redact.ts';
import { isPlaceholder } from '../servers/sentry/token.ts';

/** A secret that is where it should not be. Says where and which, never what. */
export interface Pasted {
  /** From 1. */
  readonly line: number;
  /** The key before it, where one can be seen. */
  readonly key: string | null;
  /** `a Sentry token`, or `the value of SENTRY_AUTH_TOKEN`. */
  readonly what: string;
}

/** Secret values, each with what to call it. */
export type KnownSecrets = ReadonlyMap<string, string>;

/** A shorter secret counts only where it stands for itself: it may be a part of a word by chance. */
const LONE_CHARS = 16;
const KEY_CHARS = 300;
const WORD = /[A-Za-z0-9]/;
/** The last `key:` or `key=` (`--key=`, too) of a line, with a value that has only begun. */
const KEY_BEFORE = /^(?:.*[^\w.-])?-*([A-Za-z_][\w.-]{0,63})["']?\s*[:=]\s*\[?\s*["'`]?[^"'`\n]*$/s;

/** Everything in a text that is a known secret, or shaped like a Sentry token. Text of any kind, also broken JSON. */
export function findPasted(text: string, secrets: KnownSecrets): Pasted[] {
  const found = new Map<number, Pasted>();
  // One search for all of them, since almost every file has none.
  const suspects = secretFinder(secrets.keys())(text).length === 0 ? [] : secrets;
  for (const [secret, what] of suspects) {
    for (const span of secretFinder([secret])(text)) {
      if (span[1] - span[0] >= LONE_CHARS || standsAlone(text, span)) note(found, text, span, what);
    }
  }
  for (const span of tokenSpans(text)) {
    const token = text.slice(...span);
    if (isSentryToken(token) && !isPlaceholder(token)) note(found, text, span, 'a Sentry token');
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** The new kinds say what they are; the old kind is hexadecimal, and shows by the word before it. */
function isSentryToken(token: string): boolean {
  return /^sntry[a-z]_/.test(token) || /^[0-9a-f]{64}$/i.test(token);
}

/** What was found first at a place is the more telling: which variable it is. */
function note(found: Map<number, Pasted>, text: string, [start]: Span, what: string): void {
  if (found.has(start)) return;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const before = text.slice(Math.max(lineStart, start - KEY_CHARS), start);
  found.set(start, { line: lineNumber(text, start), key: KEY_BEFORE.exec(before)?.[1] ?? null, what });
}

function standsAlone(text: string, [start, end]: Span): boolean {
  return !WORD.test(text[start - 1] ?? '') && !WORD.test(text[end] ?? '');
}

function lineNumber(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
