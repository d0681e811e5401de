import type { ErrorCode } from '../../errors.ts';
import type { SentryOverrides, ServerStatus, StatusReport, Step } from '../../model.ts';

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

export interface UpRequest {
  /** The caller's config: a folder has one supervisor, and that has one config. */
  readonly configFile: string;
  /** The caller's environment: what the env files do not say. Kept in memory only. */
  readonly env: Readonly<Record<string, string>>;
  /** null: all of the config. */
  readonly servers: readonly string[] | null;
  readonly dryRun: boolean;
  /** Whether to go on until every server is ready or has failed. */
  readonly wait: boolean;
  /** In force until the next such request. */
  readonly sentryOverrides: SentryOverrides;
}

export interface RestartRequest {
  readonly servers: readonly string[] | null;
  readonly wait: boolean;
}

/** An error on its way through the socket. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** As much of a status row as somebody who waits is shown. */
export type ServerProgress = Pick<ServerStatus, 'name' | 'state'>;

/** One line of the answer to `up` and `restart`. */
export type ProgressEvent =
  | { readonly kind: 'plan'; readonly steps: readonly Step[] }
  /** Something has changed, or a second has passed. */
  | { readonly kind: 'states'; readonly servers: readonly ServerProgress[] }
  | { readonly kind: 'done'; readonly report: StatusReport }
  | { readonly kind: 'error'; readonly error: ErrorBody };
