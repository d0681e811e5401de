import { z } from 'zod';
import { sentryOverrides } from '../../config/sentry-overrides.ts';
import type { RestartRequest, UpRequest } from './protocol.ts';

/** What the host checks before it believes it. Apart from the protocol, so that a client loads no zod. */
export const upRequest: z.ZodType<UpRequest> = z.object({
  configFile: z.string(),
  env: z.record(z.string(), z.string()),
  servers: z.array(z.string()).nullable(),
  dryRun: z.boolean(),
  wait: z.boolean(),
  sentryOverrides,
});

export const restartRequest: z.ZodType<RestartRequest> = z.object({
  servers: z.array(z.string()).nullable(),
  wait: z.boolean(),
});
