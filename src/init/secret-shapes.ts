/** The words that make a name the name of a secret. */
const SECRET_WORDS = new Set([
  ...['apikey', 'auth', 'authorization', 'cookie', 'credential', 'credentials', 'key', 'pass', 'passphrase'],
  ...['passwd', 'password', 'pat', 'secret', 'token'],
]);
/** What may stand behind them and makes it the name of something else. */
const HARMLESS_ENDS = /[-_](?:file|path|dir|name|type|url|var|env|id|header|limit|count)$/i;

/** How tokens of well-known issuers begin. */
const ISSUERS =
  /(?:sntry[a-z]_|gh[oprsu]_|github_pat_|glpat-|xox[abeoprs]-|sk-|pk_live_|sk_live_|rk_live_|AKIA|ASIA|AIza|ya29\.|eyJ|npm_|pypi-|hf_|dop_v1_|shpat_|lin_api_|ntn_|secret_|figd_|tvly-|gsk_|r8_)[A-Za-z0-9+/=_.-]{8,}/;
const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i;
const USER_INFO = /:\/\/[^/\s:@]*:[^/\s@]+@/;
const QUERY = /[?&]([^=&#\s]+)=[^&#\s]/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/;

/** `API_KEY`, `githubToken`, `--access-token`; not `MAX_TOKENS`, nor `KEY_FILE`. */
export function isSecretName(name: string): boolean {
  if (HARMLESS_ENDS.test(name) && !/access[-_]?key[-_]?id$/i.test(name)) return false;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  if (words.some((word) => SECRET_WORDS.has(word))) return true;
  return /(?:apikey|token|secret|password)$/.test(words.join(''));
}

/** Whether a text holds something that nobody would make up by hand. Rather too often than too seldom. */
export function looksSecret(text: string): boolean {
  if ([ISSUERS, UUID, USER_INFO, PRIVATE_KEY].some((shape) => shape.test(text))) return true;
  if ([...text.matchAll(QUERY)].some(([, name]) => isSecretName(name ?? ''))) return true;
  return text.split(/[^A-Za-z0-9]+/).some(isRandom);
}

function isRandom(word: string): boolean {
  if (!/\d/.test(word) || !/[A-Za-z]/.test(word)) return false;
  const mixed = /[a-z]/.test(word) && /[A-Z]/.test(word);
  return word.length >= (mixed ? 16 : 20) && bitsPerCharacter(word) >= 3;
}

/** Shannon's entropy: about 3.3 for 16 random hex digits, 2 for a word that repeats itself. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => {
    return bits - (count / text.length) * Math.log2(count / text.length);
  }, 0);
}
