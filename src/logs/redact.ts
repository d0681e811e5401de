import { secretForms } from './secret-forms.ts';

/** Replaces what must not be read by others with `[redacted]`. */
export type Redactor = (text: string) => string;

export type Span = readonly [start: number, end: number];

const MARKER = '[redacted]';

/** V8 stops optimising a pattern of over 20 KB (two private keys), which costs a factor of fifty. */
const NEEDLE_CHARS = 16;

/**
 * What looks like a token, known or not. Of the second and third shape the words before it stay:
 * a bearer token (but not the `name="…"` of a WWW-Authenticate header), and Sentry's legacy tokens,
 * which only the word before tells from any other hash.
 */
const TOKEN_SHAPES = new RegExp(
  [
    'sntry[a-z]_[A-Za-z0-9+/=_-]{8,}',
    `(${anyCase('bearer')}[ \\t]+)(?![\\w-]+=")[A-Za-z0-9._~+/=-]{8,}`,
    `((?:${['token', 'authorization', 'bearer'].map(anyCase).join('|')})\\W{1,8})[0-9a-fA-F]{64,}`,
  ].join('|'),
  'g',
);

/**
 * Every occurrence of a secret of eight or more characters is covered whole, also where secrets
 * overlap. A secret that is a part of the marker itself ("redacted") cannot be hidden by it and is
 * passed over. Values are all treated alike: a harmless `production` from an env file goes too.
 */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const findSecrets = secretFinder(secrets);
  return (text) => {
    const spans = [...tokenSpans(text), ...findSecrets(text)];
    return spans.length === 0 ? text : cover(text, spans);
  };
}

/** Where a text holds one of the secrets, in any of its spellings. Spans may overlap. */
export function secretFinder(secrets: Iterable<string>): (text: string) => Span[] {
  const forms = secretForms(secrets).filter((form) => !MARKER.includes(form));
  const needles = needlePattern(forms);
  return (text) => (needles === null ? [] : secretSpans(text, needles, forms));
}

/** Redacts every string in a JSON-like value: keys too, and a number whose digits are a secret. */
export function redactDeep(value: unknown, redact: Redactor): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') {
    const digits = String(value);
    const redacted = redact(digits);
    return redacted === digits ? value : redacted;
  }
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redactDeep(item, redact)]),
  );
}

/** Where a text holds what looks like a token. */
export function tokenSpans(text: string): Span[] {
  const spans: Span[] = [];
  TOKEN_SHAPES.lastIndex = 0;
  for (let match = TOKEN_SHAPES.exec(text); match !== null; match = TOKEN_SHAPES.exec(text)) {
    const kept = match[1] ?? match[2] ?? '';
    spans.push([match.index + kept.length, match.index + match[0].length]);
  }
  return spans;
}

/** Goes on one character after each start, since the next secret may begin inside this one. */
function secretSpans(text: string, needles: RegExp, forms: readonly string[]): Span[] {
  const spans: Span[] = [];
  needles.lastIndex = 0;
  for (let match = needles.exec(text); match !== null; match = needles.exec(text)) {
    const start = match.index;
    const form = forms.find((candidate) => text.startsWith(candidate, start));
    if (form !== undefined) spans.push([start, start + form.length]);
    needles.lastIndex = start + 1;
  }
  return spans;
}

function cover(text: string, spans: Span[]): string {
  spans.sort((a, b) => a[0] - b[0]);
  let result = '';
  let end = 0;
  for (const [from, to] of spans) {
    // Inside what is covered already, or just after it: then it is a marker of its own.
    if (from >= end) result += text.slice(end, from) + MARKER;
    end = Math.max(end, to);
  }
  return result + text.slice(end);
}

/** Finds where a secret may begin; the secrets themselves then decide. */
function needlePattern(forms: readonly string[]): RegExp | null {
  if (forms.length === 0) return null;
  const needles = new Set(forms.map((form) => form.slice(0, NEEDLE_CHARS)));
  return new RegExp([...needles].map(escapePattern).join('|'), 'g');
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function anyCase(word: string): string {
  return [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('');
}
