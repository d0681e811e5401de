import { messageOf } from '../../errors.ts';
import type { Verdict } from '../../model.ts';
import { type GetAnswer, getOnce } from '../get-once.ts';
import { type SentrySite, siteUrl } from './site.ts';
import { tokenFlaw } from './token.ts';

export interface PreflightTarget {
  readonly token: string;
  readonly site: SentrySite;
  readonly caFile?: string | undefined;
}

const TIMEOUT_MS = 5_000;

/**
 * Asks Sentry's API index, which any token may read, what scopes a token has. The token goes to the
 * configured host and nowhere else. What can be no token is rejected before anybody is asked: no header
 * could hold it, and a token that is mistyped like that must not take the place of a good one.
 */
export async function askSentry(target: PreflightTarget, signal: AbortSignal): Promise<Verdict> {
  const flaw = tokenFlaw(target.token);
  if (flaw !== null) return { kind: 'rejected', detail: flaw };
  try {
    const url = new URL(siteUrl(target.site, '/api/0/'));
    const headers = { authorization: `Bearer ${target.token}`, accept: 'application/json' };
    return verdictOf(await getOnce(url, { headers, caFile: target.caFile, timeoutMs: TIMEOUT_MS, signal }));
  } catch (error) {
    return { kind: 'unknown', detail: `${target.site.host} cannot be asked: ${messageOf(error)}` };
  }
}

/** `auth: null` and an organization's token say nothing of scopes, which is not the same as having none. */
export function verdictOf({ status, body }: Pick<GetAnswer, 'status' | 'body'>): Verdict {
  const answer = jsonOf(body);
  if (status === 401) {
    const detail = typeof answer?.['detail'] === 'string' ? answer['detail'] : 'Unauthorized';
    return /limited to organization endpoints/i.test(detail)
      ? { kind: 'unknown', detail: 'an organization token does not say what scopes it has' }
      : { kind: 'rejected', detail };
  }
  if (status !== 200) return { kind: 'unknown', detail: `Sentry answered with HTTP ${status}` };
  const scopes = scopesIn(answer?.['auth']);
  return scopes === null
    ? { kind: 'unknown', detail: 'Sentry does not say what scopes the token has' }
    : { kind: 'accepted', scopes };
}

function scopesIn(auth: unknown): string[] | null {
  if (typeof auth !== 'object' || auth === null || !('scopes' in auth)) return null;
  const { scopes } = auth;
  return Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string') ? scopes : null;
}

function jsonOf(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // A proxy's page, say: its status is all that it tells.
    return null;
  }
}
