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
