import type { FailedCall, ToolCall, WarningDraft } from '../../model.ts';
import type { AnswerReading } from '../answer-reading.ts';
import { refusedWhereAllowed, suspectedScope, tokenLimited, toolNotOffered } from './answer-warnings.ts';
import { grantableScopes, lackingScopes, toolScopes } from './scopes.ts';
import type { SentrySite } from './site.ts';
import { tokenMissingScope, tokenRejected } from './token-warnings.ts';

/** What the answers of one Sentry server are held against. No secrets. */
export interface SentryFacts {
  readonly version: string | null;
  readonly site: SentrySite;
  /** Where the token stands; null: it is the cached login. */
  readonly variable: string | null;
  /** It is a token of an organization, not of a person. */
  readonly organizationToken: boolean;
  readonly annotate: boolean;
  /** Why a tool is not on offer; null: it is, or that is not known. */
  readonly whyOff: (tool: string) => string | null;
}

/** They run another tool, which their arguments name. */
const RUN_ANOTHER = ['execute_sentry_tool', 'execute_tool'];
/** They ask sentry.io/docs, without the token. */
const WITHOUT_TOKEN = ['search_docs', 'get_doc'];
/** It runs other tools, and does not say which. */
const RUNS_SEVERAL = 'use_sentry';

/**
 * How the versions word what Sentry answered, measured by running them: the status is in one of the groups.
 * From 0.33 on a 401 has a text of its own instead.
 */
const STATUS =
  /\bAPI error \((\d{3})\): |\bThere was an HTTP (\d{3}) (?:server )?error with (?:the )?(?:your request to )?the Sentry API|\bResource not found \((\d{3})\): |\bAPI request failed: (\d{3}) /;
const REJECTED = /^\*\*Authorization Expired\*\*/;
const NOT_OFFERED =
  /^MCP error -32602: Tool [\w-]+ (?:not found|disabled)|Tool "[\w-]+" is not available in this session/;
const INVALID_PARAMS = -32602;
/** Sentry's own words for a 401: whole or not at all, since half a secret is not known as one. */
const DETAIL = /\bAPI error \(401\): ([^\n]{1,200})(?:\n|$)/;
const LIMITED = /limited to organization endpoints/i;

/** Reads what the tools of a Sentry server answer: from 0.19 on it says nowhere else what is wrong with its token. */
export function sentryAnswers(facts: SentryFacts): AnswerReading {
  return {
    annotate: facts.annotate,
    toolOf: (call) => innermost(call),
    overWhenItWorks: ['scope.suspected', 'access.denied', 'token.limited'],
    findings: (call, scopes) => {
      const tool = innermost(call);
      if (tool === null || WITHOUT_TOKEN.includes(tool)) return [];
      if (isNotOffered(call)) {
        const reason = facts.whyOff(tool);
        return reason === null ? [] : [toolNotOffered(tool, reason)];
      }
      switch (statusOf(call.text)) {
        case 401:
          return [rejected(tool, call.text, facts)];
        case 403:
          return refused(tool, facts, scopes);
        default:
          return [];
      }
    },
  };
}

/** The tool that really failed. */
function innermost({ tool, arguments: read }: ToolCall): string | null {
  if (!RUN_ANOTHER.includes(tool)) return tool;
  const inner = read();
  if (typeof inner !== 'object' || inner === null || !('name' in inner)) return null;
  return typeof inner.name === 'string' ? inner.name : null;
}

function isNotOffered({ code, text }: FailedCall): boolean {
  return code === INVALID_PARAMS || NOT_OFFERED.test(text);
}

/** Null: the text tells of something else. */
function statusOf(text: string): number | null {
  if (REJECTED.test(text)) return 401;
  const status = STATUS.exec(text)
    ?.slice(1)
    .find((group) => group !== undefined);
  return status === undefined ? null : Number(status);
}

function rejected(tool: string, text: string, facts: SentryFacts): WarningDraft {
  const { site, variable, organizationToken } = facts;
  const detail = DETAIL.exec(text)?.[1]?.trim() ?? null;
  const isLimited = detail === null ? organizationToken : LIMITED.test(detail);
  return isLimited ? tokenLimited(tool, site) : tokenRejected({ site, detail, variable });
}

function refused(tool: string, facts: SentryFacts, granted: Iterable<string> | null): WarningDraft[] {
  const { version, site } = facts;
  const known = tool === RUNS_SEVERAL ? null : toolScopes(version, tool);
  const needed = grantableScopes(known ?? []);
  if (granted === null || known === null) return [suspectedScope(tool, needed, site)];
  const missing = lackingScopes(needed, granted);
  if (missing.length === 0) return [refusedWhereAllowed(tool, needed)];
  return missing.map((scope) => tokenMissingScope({ scope, tools: [tool], site }));
}
