import { z } from 'zod';
import { SupervisorError } from '../errors.ts';
import type { Link, RequestOptions } from './link.ts';

/** The newest revision with sessions; a child that speaks an older one answers with it. */
export const PROTOCOL_VERSION = '2025-11-25';

const initializeResult = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z.looseObject({}),
  serverInfo: z.looseObject({ name: z.string(), version: z.string() }),
});
const toolsPage = z.looseObject({
  tools: z.array(z.looseObject({ name: z.string() })),
  nextCursor: z.string().optional(),
});

export type InitializeResult = z.infer<typeof initializeResult>;
export type Tool = z.infer<typeof toolsPage>['tools'][number];

/** What a child said of itself: it is `ready` once we have this. */
export interface Handshake {
  readonly initialize: InitializeResult;
  readonly tools: readonly Tool[];
}

export interface ClientIdentity {
  readonly name: string;
  readonly version: string;
}

/** `initialize`, `notifications/initialized`, and every page of `tools/list` where there are tools. */
export async function shakeHands(
  link: Link,
  client: ClientIdentity,
  options: RequestOptions,
): Promise<Handshake> {
  const deadline = Date.now() + options.timeoutMs;
  const ask = (method: string, params: unknown) =>
    link.request(method, params, { ...options, timeoutMs: Math.max(1, deadline - Date.now()) });

  const answer = await ask('initialize', {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} },
    clientInfo: client,
  });
  const initialize = parsed(initializeResult, answer, 'initialize');
  link.notify('notifications/initialized');
  const tools = 'tools' in initialize.capabilities ? await listTools(ask) : [];
  return { initialize, tools };
}

/** A server that always has one more page would fill our memory. */
const MAX_PAGES = 1_000;

type Ask = (method: string, params: unknown) => Promise<unknown>;

async function listTools(ask: Ask): Promise<Tool[]> {
  const tools: Tool[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    if (seen.size >= MAX_PAGES) throw endless();
    const page = parsed(
      toolsPage,
      await ask('tools/list', cursor === undefined ? {} : { cursor }),
      'tools/list',
    );
    tools.push(...page.tools);
    cursor = page.nextCursor;
    // A server that hands out the same cursor again would be asked for ever.
    if (cursor !== undefined && seen.has(cursor)) break;
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  return tools;
}

function endless(): SupervisorError {
  const message = `its list of tools has not come to an end after ${MAX_PAGES} pages`;
  return new SupervisorError('server.handshake', message, 'Report it to the server’s authors.');
}

function parsed<T>(schema: z.ZodType<T>, answer: unknown, method: string): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  const message = `its answer to ${method} is not what MCP says${where === '' ? '' : ` (at ${where})`}`;
  throw new SupervisorError('server.handshake', message, 'Report it to the server’s authors.');
}
