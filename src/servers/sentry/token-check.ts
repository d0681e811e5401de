import type { CredentialCheck, ToolAccess, Verdict, WarningDraft } from '../../model.ts';
import type { OfferedTool } from './offered.ts';
import { askSentry, type PreflightTarget } from './preflight.ts';
import { lackingScopes } from './scopes.ts';
import type { SentrySite } from './site.ts';
import { isOrganizationToken, tokenFlaw } from './token.ts';
import { tokenFlawed, tokenMissingScope, tokenRejected } from './token-warnings.ts';

export interface TokenCheckInput extends PreflightTarget {
  /** The variables that it was made of. */
  readonly variables: readonly string[];
  /** Where another token may be put in its place. */
  readonly tokenVariables: readonly string[];
  /** Where the token stands. */
  readonly variable: string;
  /** All that the server has, on offer or not. */
  readonly tools: readonly OfferedTool[];
  /** The scopes that the config asks for. */
  readonly requested: readonly string[];
}

/** What a Sentry token can do, held against what this version is told to offer. */
export function tokenCheck(input: TokenCheckInput): CredentialCheck {
  const { site, token, variable, variables, tokenVariables, requested, tools } = input;
  const flaw = tokenFlaw(token);
  return {
    title: `${tokenKind(token)} for ${site.host}`,
    variables,
    tokenVariables,
    ask: (signal) => askSentry(input, signal),
    tools: (verdict) => tools.map((tool) => access(tool, verdict)),
    findings: (verdict) => {
      switch (verdict.kind) {
        case 'unknown':
          return [];
        case 'rejected':
          return [
            flaw === null
              ? tokenRejected({ site, detail: verdict.detail, variable })
              : tokenFlawed({ site, flaw, variable }),
          ];
        case 'accepted':
          return verdict.scopes === null ? [] : missingScopes(tools, verdict.scopes, requested, site);
      }
    },
  };
}

/** One finding for each scope that something on offer needs, with all that it costs. */
function missingScopes(
  tools: readonly OfferedTool[],
  granted: readonly string[],
  requested: readonly string[],
  site: SentrySite,
): WarningDraft[] {
  const costs = new Map<string, string[]>();
  for (const { tool, scopes, off } of tools) {
    if (off !== null) continue;
    for (const scope of lackingScopes(scopes, granted)) costs.set(scope, [...(costs.get(scope) ?? []), tool]);
  }
  return [...costs].map(([scope, lost]) => {
    const draft = tokenMissingScope({ scope, tools: lost, site });
    // A skill can bring a tool that needs more than was asked for: worth knowing, and nothing to mend.
    return requested.includes(scope) ? draft : { ...draft, severity: 'info' };
  });
}

function access({ tool, scopes, off }: OfferedTool, verdict: Verdict): ToolAccess {
  if (off !== null) return { tool, scopes, access: 'off', reason: off };
  switch (verdict.kind) {
    case 'rejected':
      return { tool, scopes, access: 'unknown', reason: `the token is rejected: ${verdict.detail}` };
    case 'unknown':
      return { tool, scopes, access: 'unknown', reason: verdict.detail };
    case 'accepted': {
      if (verdict.scopes === null)
        return { tool, scopes, access: 'unknown', reason: 'its scopes are not known' };
      const missing = lackingScopes(scopes, verdict.scopes);
      return missing.length === 0
        ? { tool, scopes, access: 'works', reason: null }
        : { tool, scopes, access: 'lacks-scope', reason: `the token lacks ${missing.join(', ')}` };
    }
  }
}

/** By its prefix; tokens from before there were any have none. */
function tokenKind(token: string): string {
  if (token.startsWith('sntryu_')) return 'user token';
  if (isOrganizationToken(token)) return 'organization token';
  return 'token of an unknown kind';
}
