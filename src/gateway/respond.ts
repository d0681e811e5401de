import type { ServerResponse } from 'node:http';

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
  response.writeHead(307, { location: '?resend', 'content-length': 0 }).end();
}

export function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
