import type { RpcMessage } from './link.ts';
import { locate } from './message-text.ts';

/** JSON-RPC 2.0's own codes; −32000 to −32099 are for servers. */
export const RPC = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  unavailable: -32000,
  sessionNotFound: -32001,
} as const;

/** JSON text of a message's id, as it was written. */
export function rawIdOf(text: string): string {
  const span = locate(text, ['id']);
  return span === null ? 'null' : text.slice(span.start, span.end);
}

/** `rawId` is JSON text: `17`, `"a"`, `null`. */
export function errorAnswer(rawId: string, code: number, message: string): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${rawId},"error":${JSON.stringify({ code, message })}}`);
}

/** Why a call has no answer whose child went away: nobody knows how far it came. */
export function interruptedBy(server: string, what: string): string {
  return `${server} ${what} during this call; it may or may not have been carried out`;
}

export function resultAnswer(rawId: string, result: unknown): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${rawId},"result":${JSON.stringify(result)}}`);
}

export function notification(method: string, params?: unknown): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) }));
}

/** Whether a value is a JSON-RPC 2.0 message of any kind. */
export function isRpcMessage(value: unknown): value is RpcMessage {
  if (typeof value !== 'object' || value === null || !('jsonrpc' in value) || value.jsonrpc !== '2.0')
    return false;
  const { id, method } = value as { id?: unknown; method?: unknown };
  const idOk = id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
  if (method === undefined) return idOk && ('result' in value || 'error' in value);
  // MCP has no requests with null as their id, which only an answer to something unreadable has.
  return idOk && id !== null && typeof method === 'string';
}

export function isRequest(message: RpcMessage): boolean {
  return message.method !== undefined && message.id !== undefined;
}
