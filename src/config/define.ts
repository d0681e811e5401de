import type { z } from 'zod';
import type { configShape } from './schema.ts';
import type { plainServer, sentryServer } from './server-schema.ts';

/** A server as in an `mcpServers` entry, and more. */
export type PlainServerInput = z.input<typeof plainServer>;
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
