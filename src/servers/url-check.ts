import { HEADER_VALUE } from '../config/header-value.ts';
import { messageOf } from '../errors.ts';
import type { CredentialCheck, ServerName, Verdict, WarningDraft } from '../model.ts';
import { type GetAnswer, getOnce } from './get-once.ts';

export interface UrlCheckInput {
  readonly server: ServerName;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
  readonly caFile?: string | undefined;
}

const TIMEOUT_MS = 5_000;

/** `check: { url, headers }`: whether a service takes the credentials, as its answer to a GET tells. */
export function urlCheck({ server, url, headers, variables, caFile }: UrlCheckInput): CredentialCheck {
  return genericCheck(server, variables, async (signal) => {
    const [unsendable] = Object.entries(headers).find(([, value]) => !HEADER_VALUE.test(value)) ?? [];
    if (unsendable !== undefined) return { kind: 'rejected', detail: cannotBeSent(unsendable) };
    try {
      return verdictOf(await getOnce(new URL(url), { headers, caFile, timeoutMs: TIMEOUT_MS, signal }));
    } catch (error) {
      return { kind: 'unknown', detail: `the check's url cannot be asked: ${messageOf(error)}` };
    }
  });
}

/** The config's own text can be sent (the schema sees to that), so it is what a variable holds that cannot. */
function cannotBeSent(header: string): string {
  return `what the header ${header} is to hold has a character that no header can (an em dash or a control character, say)`;
}

/** A check that knows nothing of what the server's tools need. */
export function genericCheck(
  server: ServerName,
  variables: readonly string[],
  ask: CredentialCheck['ask'],
): CredentialCheck {
  return {
    title: `credentials of ${server}`,
    variables,
    tokenVariables: variables,
    ask,
    tools: () => [],
    findings: (verdict) => (verdict.kind === 'rejected' ? [rejected(server, verdict.detail)] : []),
  };
}

/** GitHub and those that do as it does name a token's scopes in a header. */
function verdictOf({ status, headers }: GetAnswer): Verdict {
  if (status === 401) return { kind: 'rejected', detail: 'HTTP 401' };
  if (status < 200 || status > 299) return { kind: 'unknown', detail: `it was answered with HTTP ${status}` };
  const scopes = headers['x-oauth-scopes'];
  if (typeof scopes !== 'string') return { kind: 'accepted', scopes: null };
  return { kind: 'accepted', scopes: scopes.split(/[\s,]+/).filter((scope) => scope !== '') };
}

function rejected(server: ServerName, detail: string): WarningDraft {
  return {
    code: 'token.rejected',
    severity: 'error',
    subject: '',
    message: `The credentials of ${server} are rejected: ${detail}.`,
    hint: 'They are revoked, expired or mistyped: put new ones into the env file; saving it is enough.',
  };
}
