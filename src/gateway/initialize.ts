import { z } from 'zod';
import type { Handshake, InitializeResult } from './handshake.ts';

/** The revisions with sessions, all of which look the same on the child's side. */
export const PROTOCOL_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;
const NEWEST = '2025-11-25';

const params = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()).default({}),
  clientInfo: z.looseObject({ name: z.string(), version: z.string() }).optional(),
});

/** What a child may need of a client; nothing else of its capabilities is ever asked for. */
const KEPT_CAPABILITIES = ['sampling', 'elicitation', 'roots'] as const;
/** Of a client's name: it is for people, and written down for the next supervisor. */
const MAX_NAME_LENGTH = 100;

export interface Greeting {
  /** Name and version, for people. */
  readonly client: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly result: InitializeResult;
}

/**
 * Answers a client's `initialize` with what the child said of itself, in the revision that this client
 * asks for: some clients leave at once when they are offered a newer one. `logging` is there for our own
 * messages, also where the child has none.
 */
export function answerInitialize({ initialize }: Handshake, raw: unknown): Greeting | null {
  const parsed = params.safeParse(raw);
  if (!parsed.success) return null;
  const { protocolVersion, capabilities, clientInfo } = parsed.data;
  const kept = KEPT_CAPABILITIES.filter((name) => Object.hasOwn(capabilities, name));
  const agreed = PROTOCOL_VERSIONS.find((version) => version === protocolVersion) ?? NEWEST;
  return {
    client: nameOf(clientInfo),
    capabilities: Object.fromEntries(kept.map((name) => [name, {}])),
    result: { ...initialize, protocolVersion: agreed, capabilities: withLogging(initialize.capabilities) },
  };
}

function withLogging(capabilities: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { logging: {}, ...capabilities };
}

function nameOf(client: { name: string; version: string } | undefined): string {
  return client === undefined ? 'unknown' : `${client.name} ${client.version}`.slice(0, MAX_NAME_LENGTH);
}
