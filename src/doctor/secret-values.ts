import { isPlaceholder } from '../servers/sentry/token.ts';

const MIN_CHARS = 8;
/** What is named a secret and is this long counts as one, also where it is made of words. */
const MIN_NAMED_CHARS = 12;
const SECRET_NAME = /TOKEN|SECRET|PASS(?:WORD|PHRASE|WD)?|API_?KEY|PRIVATE|CREDENTIAL|AUTH|_KEY$|_PAT$/i;
const PLAIN_NAME =
  /(?:HOST|HOSTNAME|SLUG|ORG|PROJECT|REGION|USER|USERNAME|EMAIL|PATH|DIR|PORT|LEVEL|ENV|MODE|VERSION)$/i;

/**
 * Whether a value of an env file is a secret that must not turn up elsewhere: `production` may, and
 * so may the host of a Sentry.
 */
export function isSecretValue(name: string, value: string): boolean {
  const text = value.trim();
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return true;
  if (text.length < MIN_CHARS || /\s/.test(text) || isPlaceholder(text)) return false;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return hasPassword(text);
  if (/^sntry[a-z]_/.test(text)) return true;
  if (PLAIN_NAME.test(name)) return false;
  return looksRandom(text) || (SECRET_NAME.test(name) && text.length >= MIN_NAMED_CHARS);
}

function hasPassword(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]{3,}@/i.test(url);
}

/** Long hexadecimal, or characters that change their kind more often than words do. */
export function looksRandom(text: string): boolean {
  if (/^[0-9a-f]{20,}$/i.test(text) && /\d/.test(text) && /[a-f]/i.test(text)) return true;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return true;
  if (/^[\w.-]+\.[a-z]{2,}$/i.test(text) || /^[~.]?\//.test(text) || /@/.test(text)) return false;
  return text.split(/[-_.:]/).some((part) => part.length >= MIN_CHARS && changesOften(part));
}

function changesOften(part: string): boolean {
  const kinds = [...part].map((character) =>
    /\d/.test(character)
      ? 'digit'
      : /[a-z]/.test(character)
        ? 'lower'
        : /[A-Z]/.test(character)
          ? 'upper'
          : 'other',
  );
  const changes = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length;
  return kinds.includes('digit') && changes >= 3 && changes / part.length >= 0.2;
}
