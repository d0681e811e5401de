import type { ClientId } from '../../../src/clients/catalogue.ts';
import type { Places } from '../../../src/clients/places.ts';
import { type Found, type FoundServer, readServers } from '../../../src/clients/read-servers.ts';

export const PLACES: Places = { platform: 'linux', root: '/p', home: '/home/me', env: {} };

export function readFrom(id: ClientId, value: unknown, places = PLACES): Found {
  return readServers(id, `/p/${id}.json`, JSON.stringify(value), places);
}

/** One entry, as Claude Code has it. */
export function foundServer(entry: Record<string, unknown>, name = 'github'): FoundServer {
  const [server] = readFrom('claude-code', { mcpServers: { [name]: entry } }).servers;
  if (server === undefined) throw new Error('it was left out');
  return server;
}
