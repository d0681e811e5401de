import { unquoted } from '../../config/unquoted.ts';
import type { WarningDraft } from '../../model.ts';
import { READ_SCOPES } from './scopes.ts';
import { type SentrySite, tokenPage } from './site.ts';
import { scopesOfSkills } from './skills.ts';
import type { Lookup } from './variables.ts';

/** Where a token may stand, first choice first. The server itself reads only the second one. */
export const TOKEN_VARIABLES = ['SENTRY_AUTH_TOKEN', 'SENTRY_ACCESS_TOKEN'] as const;

export type TokenVariable = (typeof TOKEN_VARIABLES)[number];

export type FoundToken =
  | {
      readonly kind: 'found';
      readonly variable: TokenVariable;
      readonly token: string;
      readonly source: Lookup;
    }
  | { readonly kind: 'placeholder'; readonly variable: TokenVariable }
  | { readonly kind: 'missing' };

/** What people and templates leave in an `.env` for the reader to replace. */
const PLACEHOLDERS = [
  /^<.*>$/,
  /^\[.*\]$/,
  /^[x*….]+$/i,
  /^sntry[su]_[x*….]*$/i,
  /^(?:sntry[su]_)?(?:your|my|insert|replace|put|the)(?:\b|_)/i,
  /^(?:changeme|change[-_]me|todo|tbd|token|secret|placeholder|none|null|undefined)$/i,
];

/** The first real token in the first of the sources that has one. */
export function findToken(...sources: readonly Lookup[]): FoundToken {
  let placeholder: TokenVariable | null = null;
  for (const source of sources) {
    for (const variable of TOKEN_VARIABLES) {
      const token = unquoted(source(variable) ?? '');
      if (token === '') continue;
      if (!isPlaceholder(token)) return { kind: 'found', variable, token, source };
      placeholder ??= variable;
    }
  }
  return placeholder === null ? { kind: 'missing' } : { kind: 'placeholder', variable: placeholder };
}

/** Sentry's have less than 300. A much longer one is refused by whatever stands before Sentry, with a status that tells nothing. */
const MAX_LENGTH = 4096;

/** Made for an organization's build tools, not for a person. */
export function isOrganizationToken(token: string): boolean {
  return token.startsWith('sntrys_');
}

/** What keeps a text from being a token, without quoting it; null: nothing that can be seen. */
export function tokenFlaw(token: string): string | null {
  if (/[^\x21-\x7e]/.test(token))
    return 'it has a character that no token has (a space, an em dash or a control character, say)';
  return token.length > MAX_LENGTH ? `it is longer than ${MAX_LENGTH} characters` : null;
}

export function isPlaceholder(value: string): boolean {
  return PLACEHOLDERS.some((pattern) => pattern.test(value));
}

/** Why the server cannot start, and the very line that lets it. */
export function tokenMissing(
  found: Exclude<FoundToken, { kind: 'found' }>,
  needs: {
    readonly site: SentrySite;
    readonly addScopes: readonly string[];
    readonly skills?: readonly string[] | undefined;
  },
): WarningDraft {
  const scopes = tokenScopes(needs.addScopes, needs.skills).join(',');
  return {
    code: 'token.missing',
    severity: 'error',
    subject: TOKEN_VARIABLES[0],
    message:
      found.kind === 'placeholder'
        ? `No Sentry token: ${found.variable} still holds a placeholder.`
        : `No Sentry token: neither ${TOKEN_VARIABLES.join(' nor ')} is set.`,
    hint: `Create a token at ${tokenPage(needs.site)}, then put this line into .env: ${TOKEN_VARIABLES[0]}=<token with scopes ${scopes}>`,
  };
}

/** Every scope that a token should have so that all that is offered works. */
export function tokenScopes(
  addScopes: readonly string[],
  skills: readonly string[] | undefined,
): readonly string[] {
  return [...new Set([...READ_SCOPES, ...(skills === undefined ? addScopes : scopesOfSkills(skills))])];
}
