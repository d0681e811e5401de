import type { IncomingMessage } from 'node:http';
import { SupervisorError } from '../errors.ts';
import { errorAnswer, RPC } from '../gateway/rpc.ts';
import { Cut, Unreachable } from './wire.ts';

/** What the gateway refused, or what became of a call, as JSON-RPC says it. */
export class Problem extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The gateway does not know the session any more; it has not looked at the message. */
export class SessionLost extends Problem {}

/** The answer is lost, and nobody knows what became of the call. */
export function lostCall(what: string): Problem {
  const advice = 'it may or may not have been carried out; repeat it where that does no harm';
  return new Problem(RPC.unavailable, `${what} during this call; ${advice}`);
}

/** Something else listens where the gateway did. */
export function stranger(): Problem {
  const hint = 'see `mcp-supervisor status`';
  return new Problem(RPC.unavailable, `What answers at the gateway’s address is no MCP server: ${hint}`);
}

/** Why the gateway answers with anything but 200 or 202. */
export async function refusal(response: IncomingMessage): Promise<Problem> {
  const status = response.statusCode ?? 0;
  const { code, message } = rpcError(await bodyOf(response));
  if (status === 404 && code === RPC.sessionNotFound) return new SessionLost(code, message);
  if (status === 401) {
    const hint = 'restart this client, or run `mcp-supervisor down` and `up`';
    return new Problem(code, `The gateway does not accept the token in .mcp-supervisor/token: ${hint}`);
  }
  return new Problem(code, message === '' ? `The gateway answered with HTTP status ${status}` : message);
}

/** The whole body. Throws `Cut` where it breaks off. */
export async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new Cut(error instanceof Error ? error.message : String(error));
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** The code and message of a JSON-RPC error; of anything else, none. */
export function rpcError(body: Buffer): { readonly code: number; readonly message: string } {
  try {
    const { error } = JSON.parse(body.toString()) as { error?: { code?: unknown; message?: unknown } };
    if (typeof error?.code === 'number' && typeof error.message === 'string') {
      return { code: error.code, message: error.message };
    }
  } catch {
    // It is not our gateway that answers there.
  }
  return { code: RPC.unavailable, message: '' };
}

/** What the client gets in place of an answer: what happened, and what to do. */
export function answerFor(rawId: string, error: unknown): Buffer {
  const { code, message } = described(error);
  return errorAnswer(rawId, code, message);
}

function described(error: unknown): { code: number; message: string } {
  if (error instanceof Problem) return error;
  if (error instanceof SupervisorError) {
    return { code: RPC.unavailable, message: `${error.message}. ${error.hint}` };
  }
  if (error instanceof Cut) return lostCall(`The connection to the supervisor broke (${error.message})`);
  if (error instanceof Unreachable) {
    const message = `The gateway is out of reach (${error.message}): see \`mcp-supervisor status\``;
    return { code: RPC.unavailable, message };
  }
  return { code: RPC.internal, message: `mcp-supervisor connect failed: ${String(error)}` };
}
