import { z } from 'zod';
import { template } from './server-schema.ts';

/** What HTTP itself sets, or we do: the body is JSON. */
const OURS =
  /^(?:connection|content-length|content-type|expect|host|keep-alive|transfer-encoding|upgrade|te|trailer)$/i;

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no name for a header')
  .refine((name) => !OURS.test(name), 'is a header that is set already');

export const webhook = z.strictObject({
  url: template.describe(
    'Where to POST to, such as the URL of a Slack webhook. It is a secret: put it into .env, and write ${NAME} here.',
  ),
  headers: z.record(headerName, template).default({}).describe('More headers, such as Authorization.'),
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

export type WebhookConfig = z.output<typeof webhook>;
