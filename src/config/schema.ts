import { z } from 'zod';
import type { ServerName } from '../model.ts';
import { type Problem, problemsOf } from './problems.ts';
import { RESERVED_NAMES, SERVER_NAME } from './server-name.ts';
import { ms, plainServer, type ServerConfig, sentryServer } from './server-schema.ts';
import { webhook } from './webhook-schema.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

const gateway = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('The address to listen on.'),
    port: z.int().min(0).max(65_535).default(7420).describe('The port; 0: any that is free.'),
    auth: z
      .enum(['token', 'none'])
      .default('token')
      .describe('Whether clients need the bearer token; none: only where host is a loopback address.'),
    maxBodyBytes: z
      .int()
      .min(1024)
      .default(16 * 1024 * 1024)
      .describe('The largest message that a client may send.'),
    maxWaitingCalls: z
      .int()
      .min(0)
      .default(1_000)
      .describe('How many calls may wait for a server that is being restarted.'),
    maxWaitMs: ms.default(60_000).describe('How long each of them may wait.'),
    maxSessions: z.int().min(1).default(1_000).describe('How many sessions a server may have.'),
    sessionIdleMs: z
      .int()
      .min(1_000)
      .default(12 * 60 * 60 * 1000)
      .describe('When a session without a sign of its client is over.'),
  })
  .refine(({ host, auth }) => auth === 'token' || LOOPBACK.test(host), {
    path: ['auth'],
    message: "must be 'token' where others can reach the address; listen on 127.0.0.1 to do without",
  });

/** The outer shape; what a server is depends on its `preset`, see `parseConfig`. */
export const configShape = z.strictObject({
  $schema: z.string().optional().describe('For editors, in a JSON config: docs/ecosystem.schema.json.'),
  envFiles: z.array(z.string().min(1)).default(['.env']).describe('Env files; later ones beat earlier ones.'),
  gateway: gateway.prefault({}).describe('Where clients connect.'),
  warnings: z
    .strictObject({
      webhook: webhook.optional().describe('Posts every warning that is raised or resolved, as JSON.'),
    })
    .prefault({})
    .describe('Where warnings go, besides the log, `warnings` and clients.'),
  servers: z
    .record(z.string(), z.unknown())
    .describe('The servers, by name: letters, digits, - and _, at most 64.'),
});

export interface Config extends Omit<z.output<typeof configShape>, 'servers'> {
  readonly servers: Readonly<Record<ServerName, ServerConfig>>;
}

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** So that a key that is missing can be told from one of the wrong kind. */
const WITH_INPUT = { reportInput: true };

/** Checks everything, and reports every problem at once. */
export function parseConfig(raw: unknown): ParsedConfig {
  const shape = configShape.safeParse(raw, WITH_INPUT);
  const entries = serverEntries(raw);
  const problems = [...(shape.success ? [] : problemsOf(shape.error, [])), ...nameProblems(entries)];
  const servers: [ServerName, ServerConfig][] = [];
  for (const [name, entry] of entries) {
    const result = serverSchemaOf(entry).safeParse(entry, WITH_INPUT);
    if (result.success) servers.push([name, result.data]);
    else problems.push(...problemsOf(result.error, ['servers', name]));
  }
  if (!shape.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, config: { ...shape.data, servers: Object.fromEntries(servers) } };
}

function serverSchemaOf(entry: unknown): typeof plainServer | typeof sentryServer {
  return isRecord(entry) && 'preset' in entry ? sentryServer : plainServer;
}

function serverEntries(raw: unknown): [string, unknown][] {
  return isRecord(raw) && isRecord(raw['servers']) ? Object.entries(raw['servers']) : [];
}

function nameProblems(entries: readonly (readonly [string, unknown])[]): Problem[] {
  const seen = new Map<string, string>();
  return entries.flatMap(([name]) => {
    const path = ['servers', name];
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (!SERVER_NAME.test(name)) {
      return [{ path, message: 'is no name for a server: letters, digits, - and _, at most 64' }];
    }
    if (RESERVED_NAMES.includes(name.toLowerCase()))
      return [{ path, message: 'is a name of our own; choose another' }];
    if (other !== undefined)
      return [{ path, message: `differs from ${other} by case only; they would share a log` }];
    return [];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
