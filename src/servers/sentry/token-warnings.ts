import type { WarningDraft } from '../../model.ts';
import { type SentrySite, tokenPage } from './site.ts';

/** The token has not got `scope`, so that `tools` answer with 403. One row per scope, whoever finds it out. */
export function tokenMissingScope({
  scope,
  tools,
  site,
}: {
  readonly scope: string;
  /** All that are known to need it. */
  readonly tools: readonly string[];
  readonly site: SentrySite;
}): WarningDraft {
  const costs = tools.length === 0 ? '' : `, so these tools do not work: ${tools.toSorted().join(', ')}`;
  return {
    code: 'scope.token-missing',
    severity: 'warning',
    subject: scope,
    message: `The Sentry token lacks the scope ${scope}${costs}.`,
    hint: `The scopes of a token cannot be changed: create one that has ${scope} too at ${tokenPage(site)}, and put it into the env file; saving is enough.`,
  };
}

/** Sentry answers 401: the token is not, or no longer, one. Says nothing of scopes. */
export function tokenRejected({
  site,
  detail,
  variable,
}: {
  readonly site: SentrySite;
  /** What Sentry says of it, such as `Token expired`; null where it says nothing. */
  readonly detail: string | null;
  /** Where the token stands; null: it is the cached login. */
  readonly variable: string | null;
}): WarningDraft {
  const which = variable === null ? 'the cached login' : `the token in ${variable}`;
  const instead =
    variable === null
      ? 'Run `sentry-mcp auth login` again'
      : `Create a new one at ${tokenPage(site)}, and put it into the env file as ${variable}; saving is enough`;
  return {
    code: 'token.rejected',
    severity: 'error',
    subject: variable ?? '',
    message: `${site.host} rejects ${which}${detail === null ? '' : `: ${detail}`}.`,
    hint: `It was revoked, has expired, or is mistyped. ${instead}.`,
  };
}

/** It can be no token, so nobody was asked about it. */
export function tokenFlawed({
  site,
  flaw,
  variable,
}: {
  readonly site: SentrySite;
  /** What is wrong with it, without quoting it. */
  readonly flaw: string;
  /** Where it stands. */
  readonly variable: string;
}): WarningDraft {
  return {
    code: 'token.rejected',
    severity: 'error',
    subject: variable,
    message: `What ${variable} holds is no Sentry token: ${flaw}.`,
    hint: `It is mistyped: copy it again, or create a new one at ${tokenPage(site)}, and put it into the env file; saving is enough.`,
  };
}
