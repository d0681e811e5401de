import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import type { StatusReport, Step } from '../../model.ts';

/** The admin API: HTTP on the project's 0600 socket. What streams is one JSON object a line. */
export const ROUTES = {
  status: '/status',
  warnings: '/warnings',
  up: '/up',
  restart: '/restart',
  shutdown: '/shutdown',
} as const;

/** The stream says something at least so often while somebody waits. */
export const HEARTBEAT_MS = 1_000;

export const upRequest = z.object({
  /** The caller's config: a folder has one supervisor, and that has one config. */
  configFile: z.string(),
  /** The caller's environment: what the env files do not say. Kept in memory only. */
  env: z.record(z.string(), z.string()),
  /** null: all of the config. */
  servers: z.array(z.string()).nullable(),
  dryRun: z.boolean(),
  /** Whether to go on until every server is ready or has failed. */
  wait: z.boolean(),
});
export type UpRequest = z.infer<typeof upRequest>;

export const restartRequest = z.object({
  servers: z.array(z.string()).nullable(),
  wait: z.boolean(),
});
export type RestartRequest = z.infer<typeof restartRequest>;

/** An error on its way through the socket. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** One line of the answer to `up` and `restart`. */
export type ProgressEvent =
  | { readonly kind: 'plan'; readonly steps: readonly Step[] }
  | { readonly kind: 'status'; readonly report: StatusReport }
  | { readonly kind: 'done'; readonly report: StatusReport }
  | { readonly kind: 'error'; readonly error: ErrorBody };
