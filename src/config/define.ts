import type { z } from 'zod';
import type { configShape } from './schema.ts';
import type { plainServer, sentryServer } from './server-schema.ts';

/** What a `check` of your own finds out. */
export interface CheckAnswer {
  verdict: 'accepted' | 'rejected' | 'unknown';
  /** Of the credentials, where they are known. */
  scopes?: string[];
  /** Why, in a few words and without the secret. */
  detail?: string;
}

/**
 * Is given the environment of the server's process. It has ten seconds, and shares a thread with the checks of
 * other servers.
 */
export type CheckFunction = (server: {
  env: Readonly<Record<string, string>>;
}) => CheckAnswer | Promise<CheckAnswer>;

type PlainShape = z.input<typeof plainServer>;

/** A server as in an `mcpServers` entry, and more. */
export type PlainServerInput = Omit<PlainShape, 'check'> & {
  check?: Extract<PlainShape['check'], { url: string }> | CheckFunction | undefined;
};
/** What `sentry({ … })` makes; a JSON config writes it out. */
export type SentryServerInput = z.input<typeof sentryServer>;
export type SentryOptionsInput = Omit<SentryServerInput, 'preset'>;

export interface ConfigInput extends Omit<z.input<typeof configShape>, 'servers'> {
  servers: Record<string, PlainServerInput | SentryServerInput>;
}

/** Types a config; it changes nothing. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/** The Sentry MCP server, with read scopes plus `addScopes` (default: event:write, project:write). */
export function sentry(options: SentryOptionsInput = {}): SentryServerInput {
  return { ...options, preset: 'sentry' };
}
