import { z } from 'zod';
import { headerValue, template } from './template.ts';

/** What HTTP itself sets, or we do: the body is JSON. */
const OURS =
  /^(?:connection|content-length|content-type|expect|host|keep-alive|transfer-encoding|upgrade|te|trailer)$/i;

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name for a header')
  .refine((name) => !OURS.test(name), 'is a header that is set already');

export const webhook = z.strictObject({
  url: template
    .superRefine((url, context) => {
      // What it is with variables shows when they are filled in.
      const problem = url.includes('${') ? null : urlProblem(url);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .describe(
      'Where to POST to, such as the URL of a Slack webhook. It is a secret: put it into .env, and write ${NAME} here.',
    ),
  headers: z.record(headerName, headerValue).default({}).describe('More headers, such as Authorization.'),
  minSeverity: z
    .enum(['info', 'warning', 'error'])
    .default('warning')
    .describe('What is less than this is not posted.'),
  timeoutMs: z
    .int()
    .min(100)
    .max(300_000)
    .default(10_000)
    .describe('How long one attempt may take. It is tried again, with growing pauses.'),
});

/** What is wrong with a URL for a POST, or null. It never repeats the URL. */
export function urlProblem(url: string): string | null {
  if (!URL.canParse(url)) return 'is no URL';
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return 'is no http or https URL';
  return username === '' && password === '' ? null : 'has a user name or a password in it; use headers';
}

export type WebhookConfig = z.output<typeof webhook>;
