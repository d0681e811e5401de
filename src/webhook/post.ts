import type { WebhookTarget } from './target.ts';

/** `problem` ends a sentence that begins with "it", and never shows where it went. */
export type Outcome =
  | { readonly kind: 'delivered' }
  /** Asking again would get the same answer. */
  | { readonly kind: 'refused'; readonly problem: string }
  /** `retryAfterMs`: when it wants to be asked again, if it says so. */
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs: number | null };

/** One attempt. Never rejects; `signal` ends it, and so does the target's time limit. */
export async function post(target: WebhookTarget, body: string, signal: AbortSignal): Promise<Outcome> {
  const limit = AbortSignal.timeout(target.timeoutMs);
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'user-agent': 'mcp-supervisor', ...target.headers, 'content-type': 'application/json' },
      body,
      // Elsewhere is not where the user wants it, nor the headers.
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    // Its end is of no interest, but an open one keeps the connection.
    response.body?.cancel().catch(() => {});
    return judge(response.status, response.headers.get('retry-after'));
  } catch (error) {
    const problem = limit.aborted
      ? `did not answer within ${target.timeoutMs / 1000} s`
      : `cannot be reached${reason(error)}`;
    return { kind: 'failed', problem, retryAfterMs: null };
  }
}

function judge(status: number, retryAfter: string | null): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status >= 300 && status < 400) {
    return { kind: 'refused', problem: `answered with a redirect (${status}), which is not followed` };
  }
  const problem = `answered with status ${status}`;
  if (status !== 429 && status < 500) return { kind: 'refused', problem };
  return { kind: 'failed', problem, retryAfterMs: parseRetryAfter(retryAfter, new Date()) };
}

/** Seconds, or a date. null: neither, or a date that is over. */
export function parseRetryAfter(value: string | null, now: Date): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const ms = text === '' ? Number.NaN : Date.parse(text) - now.getTime();
  return ms > 0 ? ms : null;
}

/** The message of the cause names the host, which may be as secret as the rest of the URL; its code does not. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : '';
}
