import type { WarningDraft } from '../../model.ts';
import { type SentrySite, tokenPage } from './site.ts';

/** What the answer to a call tells besides `token-warnings.ts`. The subject is always the tool. */

/** A 403, while nobody knows what scopes the token has. `needed`: [] where that is not known either. */
export function suspectedScope(tool: string, needed: readonly string[], site: SentrySite): WarningDraft {
  const scopes = needed.length === 0 ? 'a scope that it needs' : needed.join(' or ');
  const better = needed.length === 0 ? 'with more scopes' : `with ${needed.join(' and ')}`;
  return {
    code: 'scope.suspected',
    severity: 'warning',
    subject: tool,
    message: `Sentry refused ${tool} (403): the token probably lacks ${scopes}.`,
    hint: `Create a token ${better} at ${tokenPage(site)}, and put it into the env file. If the token has that already, it is your role or team in Sentry that does not allow it.`,
  };
}

/** A 403 although the token has every scope that the tool needs. */
export function refusedWhereAllowed(tool: string, needed: readonly string[]): WarningDraft {
  const although =
    needed.length === 0 ? 'which needs no scope' : `although the token has ${needed.join(', ')}`;
  return {
    code: 'access.denied',
    severity: 'warning',
    subject: tool,
    message: `Sentry refused ${tool} (403), ${although}: the role or the teams of the token's owner do not allow it.`,
    hint: 'Ask an owner or manager of the organization for the role, or for membership of the team that the project belongs to. Another token of the same user changes nothing.',
  };
}

/** A 401 that says nothing against the token itself. */
export function tokenLimited(tool: string, site: SentrySite): WarningDraft {
  return {
    code: 'token.limited',
    severity: 'warning',
    subject: tool,
    message: `Sentry refused ${tool} (401): an organization token works for some of the organization's own data only.`,
    hint: `Create a personal token at ${tokenPage(site)}, and put it into the env file. If every tool is refused, this one was revoked.`,
  };
}

/** The tool exists in this version, and the server was not told to offer it. */
export function toolNotOffered(tool: string, reason: string): WarningDraft {
  return {
    code: 'tool.not-offered',
    severity: 'info',
    subject: tool,
    message: `${tool} was asked for and is not offered: ${reason}.`,
    hint: 'To have it, change the options of sentry({ … }); the token needs the scopes as well.',
  };
}
