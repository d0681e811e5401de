import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from './endpoint.ts';
import { parseEventId } from './event-store.ts';
import { PROTOCOL_VERSIONS } from './initialize.ts';
import { parseMessages, Refusal, readBody } from './request-body.ts';
import { isResent, plain, respond } from './respond.ts';
import { isRequest, RPC, rawIdOf } from './rpc.ts';
import type { Session } from './session.ts';

/** One request to `/<server>/mcp`, as Streamable HTTP has them. Throws a Refusal. */
export async function serveEndpoint(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  maxBodyBytes: number,
): Promise<void> {
  switch (request.method) {
    case 'POST':
      return post(endpoint, request, response, maxBodyBytes);
    case 'GET':
      return listen(endpoint, request, response);
    case 'DELETE':
      endpoint.end(sessionOf(endpoint, request));
      return plain(response, 200, '');
    default:
      response.setHeader('allow', 'GET, POST, DELETE');
      throw new Refusal(405, RPC.unavailable, 'Use POST, GET or DELETE');
  }
}

async function post(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  maxBodyBytes: number,
): Promise<void> {
  const { accept = '', 'content-type': type = '' } = request.headers;
  if (!accepts(accept, 'application/json') || !accepts(accept, 'text/event-stream')) {
    throw new Refusal(406, RPC.unavailable, 'Accept must name application/json and text/event-stream');
  }
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new Refusal(415, RPC.unavailable, 'Content-Type must be application/json');
  }
  const { messages, batch } = parseMessages(await readBody(request, maxBodyBytes));
  const [first] = messages;
  if (!batch && first !== undefined && first.message.method === 'initialize' && isRequest(first.message)) {
    endpoint.initialize(first, response);
    return;
  }
  const session = sessionOf(endpoint, request);
  const given = first !== undefined && isResent(request) ? session.answerTo(rawIdOf(first.text)) : undefined;
  if (given === undefined) endpoint.post(session, messages, response);
  else respond(response, given, session.headers);
}

function listen(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): void {
  if (!accepts(request.headers.accept ?? '', 'text/event-stream')) {
    throw new Refusal(406, RPC.unavailable, 'Accept must name text/event-stream');
  }
  const session = sessionOf(endpoint, request);
  const last = request.headers['last-event-id'];
  const from = typeof last === 'string' ? parseEventId(last) : null;
  if (from === null) session.listen(response);
  else if (!session.resume(response, from.stream, from.sequence)) {
    throw new Refusal(400, RPC.unavailable, 'What came after this Last-Event-ID is not kept any more');
  }
}

/** 400 without a session id, 404 with one that is unknown or over: then the client begins a new one. */
function sessionOf(endpoint: Endpoint, { headers }: IncomingMessage): Session {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !PROTOCOL_VERSIONS.some((known) => known === version)) {
    throw new Refusal(400, RPC.unavailable, `Bad Request: Unsupported protocol version: ${version}`);
  }
  const id = headers['mcp-session-id'];
  if (typeof id !== 'string')
    throw new Refusal(400, RPC.unavailable, 'Bad Request: Mcp-Session-Id header is required');
  const session = endpoint.sessions.find(id);
  if (session === undefined) throw new Refusal(404, RPC.sessionNotFound, 'Session not found');
  return session;
}

function accepts(header: string, type: string): boolean {
  return header.includes(type) || header.includes('*/*');
}
