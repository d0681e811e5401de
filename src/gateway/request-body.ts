import type { IncomingMessage } from 'node:http';
import type { RpcMessage } from './link.ts';
import { elementsOf } from './message-text.ts';
import { isRpcMessage, RPC } from './rpc.ts';

/** A refusal, as JSON-RPC and HTTP say it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface ReceivedMessage {
  readonly message: RpcMessage;
  /** As the client wrote it. */
  readonly text: string;
}

const MAX_BATCH = 100;

/**
 * Reads a body of at most `maxBytes`. A longer one is refused at once, and the rest of it is thrown away
 * as it comes: a client that is still sending would see a broken connection, and not why.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) refuse();
      else chunks.push(chunk);
    };
    const refuse = () => {
      request.off('data', take).resume();
      reject(new Refusal(413, RPC.invalidRequest, `The body is larger than ${maxBytes} bytes`));
    };
    request.once('error', reject);
    request.once('end', () => {
      const [only] = chunks;
      resolve((chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString());
    });
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) refuse();
    else request.on('data', take);
  });
}

/** The messages of a body: one, or a batch as revision 2025-03-26 has them. */
export function parseMessages(text: string): { messages: readonly ReceivedMessage[]; batch: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, RPC.parse, 'The body is no JSON');
  }
  if (!Array.isArray(value)) return { messages: [checked(value, text)], batch: false };
  if (value.length === 0 || value.length > MAX_BATCH) {
    throw new Refusal(400, RPC.invalidRequest, `A batch has 1 to ${MAX_BATCH} messages`);
  }
  const texts = elementsOf(text).map(({ start, end }) => text.slice(start, end));
  return { messages: value.map((element, at) => checked(element, texts[at] ?? '')), batch: true };
}

function checked(value: unknown, text: string): ReceivedMessage {
  if (!isRpcMessage(value)) throw new Refusal(400, RPC.invalidRequest, 'The body is no JSON-RPC 2.0 message');
  return { message: value, text };
}
