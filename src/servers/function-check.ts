import { z } from 'zod';
import { messageOf } from '../errors.ts';
import type { CredentialCheck, ServerName, Verdict } from '../model.ts';
import { genericCheck } from './url-check.ts';

/** Calls the `check` of a server's config with the environment of its child; rejects where it does. */
export type CallCheck = (
  server: ServerName,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<unknown>;

const answer = z.object({
  verdict: z.enum(['accepted', 'rejected', 'unknown']),
  scopes: z.array(z.string()).optional(),
  detail: z.string().optional(),
});

/** `check: async ({ env }) => …`: the user's own way to ask. One that fails has found nothing out. */
export function functionCheck(
  server: ServerName,
  env: Readonly<Record<string, string>>,
  variables: readonly string[],
  call: CallCheck,
): CredentialCheck {
  return genericCheck(server, variables, async (signal) => {
    try {
      return verdictOf(await call(server, env, signal));
    } catch (error) {
      return { kind: 'unknown', detail: `its check failed: ${messageOf(error)}` };
    }
  });
}

function verdictOf(value: unknown): Verdict {
  const parsed = answer.safeParse(value);
  if (!parsed.success) {
    return {
      kind: 'unknown',
      detail: "its check did not return { verdict: 'accepted', 'rejected' or 'unknown' }",
    };
  }
  const { verdict, scopes = null, detail = 'its check gave no detail' } = parsed.data;
  return verdict === 'accepted' ? { kind: verdict, scopes } : { kind: verdict, detail };
}
