import type { IncomingMessage, ServerResponse } from 'node:http';
import { slotOf } from './connection-slot.ts';

/** Relative to whatever was asked for: it may be that nobody has read that. */
export const RESEND = '?resend';

/** A JSON body, whole. */
export function respond(
  response: ServerResponse,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...headers,
  });
  response.end(body);
}

/** Has the client send its request again, to the same place: clients follow a 307 with the same method and body. */
export function askToResend(response: ServerResponse): void {
  slotOf(response)?.resent();
  response.writeHead(307, { location: RESEND, 'content-length': 0 }).end();
}

/** Whether a client sends this because it was asked to send it again. */
export function isResent({ url = '' }: IncomingMessage): boolean {
  return url.endsWith(RESEND);
}

export function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
