import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a question about a token. */
export type Behaviour = (token: string, response: ServerResponse) => void;

export interface VerdictApi extends AsyncDisposable {
  /** host:port, as the preset's `host` takes it. */
  readonly host: string;
  /** The tokens that it was asked about, in order. */
  readonly asked: readonly string[];
  /** `judge`, until a test wants something else. */
  behaviour: Behaviour;
}

const READ = ['org:read', 'project:read', 'team:read', 'event:read'];
const SCOPES = [...READ, 'event:write', 'project:write', 'team:write'];

/** Accepts what begins with `sntryu_good` and rejects the rest. */
export const judge: Behaviour = (token, response) => {
  const good = token.startsWith('sntryu_good');
  response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(good ? { auth: { scopes: SCOPES } } : { detail: 'Invalid token' }));
};

/** Sentry's API index, whose behaviour a test may change while it is asked. */
export async function startVerdictApi(): Promise<VerdictApi> {
  const asked: string[] = [];
  const server = createServer(({ headers }, response) => {
    const token = (headers.authorization ?? '').replace(/^Bearer /, '');
    asked.push(token);
    api.behaviour(token, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: VerdictApi = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behaviour: judge,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}
