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
  /** Those that the config makes the token of; null: it stands where a token usually stands. */
  readonly tokenVariables: readonly string[] | null;
  /** What decides which Sentry it is. */
  readonly hostVariables: readonly string[];
  readonly languageModel: boolean;
  readonly site: SentrySite;
  readonly caFile: string | undefined;
}

/** What is known of a server beside how it is started: what its token can do, and what its answers tell. */
export function sentryInsight(input: InsightInput): SentryInsight {
  const { options, found, site, version } = input;
  const tokenVariables = input.tokenVariables ?? TOKEN_VARIABLES;
  const variable = found.kind === 'found' ? whereItStands(found.variable, input.tokenVariables) : null;
  const tools = offered(input);
  const answers = sentryAnswers({
    version,
    site,
    variable,
    organizationToken: found.kind === 'found' && isOrganizationToken(found.token),
    annotate: options.annotate,
    whyOff: (name) => tools.find(({ tool }) => tool === name)?.off ?? null,
  });
  if (found.kind !== 'found' || variable === null) return { check: null, answers };
  const check = tokenCheck({
    token: found.token,
    variable,
    variables: [...tokenVariables, ...input.hostVariables],
    tokenVariables,
    site,
    caFile: input.caFile,
    requested: tokenScopes(options.addScopes, options.skills),
    tools,
  });
  return { check, answers };
}

/** Where its user changes it: the variable that the config fills it with, if it is one. */
function whereItStands(declared: string, madeOf: readonly string[] | null): string {
  const [only, ...others] = madeOf ?? [];
  return only === undefined || others.length > 0 ? declared : only;
}

function offered({ options, version, dialect, languageModel }: InsightInput): OfferedTool[] {
  const { addScopes, organizationSlug, projectSlug } = options;
  const skills = dialect === null ? null : grantedSkills(options, dialect);
  return offeredTools({ version, dialect, addScopes, skills, organizationSlug, projectSlug, languageModel });
}
