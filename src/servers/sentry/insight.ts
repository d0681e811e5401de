import type { CredentialCheck } from '../../model.ts';
import type { AnswerReading } from '../answer-reading.ts';
import { sentryAnswers } from './answers.ts';
import { grantedSkills, type SentryTraits } from './flags.ts';
import { type OfferedTool, offeredTools } from './offered.ts';
import type { SentryOptions } from './options.ts';
import type { SentrySite } from './site.ts';
import { type FoundToken, isOrganizationToken, TOKEN_VARIABLES, tokenScopes } from './token.ts';
import { tokenCheck } from './token-check.ts';

export interface SentryInsight {
  /** null: there is no token to ask about. */
  readonly check: CredentialCheck | null;
  readonly answers: AnswerReading;
}

export interface InsightInput extends SentryTraits {
  readonly options: SentryOptions;
  readonly found: FoundToken;
  readonly languageModel: boolean;
  readonly site: SentrySite;
  readonly caFile: string | undefined;
}

/** What is known of a server beside how it is started: what its token can do, and what its answers tell. */
export function sentryInsight(input: InsightInput): SentryInsight {
  const { options, found, site, version } = input;
  const tools = offered(input);
  const answers = sentryAnswers({
    version,
    site,
    variable: found.kind === 'found' ? found.variable : null,
    organizationToken: found.kind === 'found' && isOrganizationToken(found.token),
    annotate: options.annotate,
    whyOff: (name) => tools.find(({ tool }) => tool === name)?.off ?? null,
  });
  if (found.kind !== 'found') return { check: null, answers };
  const check = tokenCheck({
    token: found.token,
    variable: found.variable,
    variables: [...TOKEN_VARIABLES, 'SENTRY_HOST'],
    site,
    caFile: input.caFile,
    requested: tokenScopes(options.addScopes, options.skills),
    tools,
  });
  return { check, answers };
}

function offered({ options, version, dialect, languageModel }: InsightInput): OfferedTool[] {
  const { addScopes, organizationSlug, projectSlug } = options;
  const skills = dialect === null ? null : grantedSkills(options, dialect);
  return offeredTools({ version, dialect, addScopes, skills, organizationSlug, projectSlug, languageModel });
}
