import { CLIENT_IDS, CLIENTS, type Client, type ClientId } from '../clients/catalogue.ts';
import type { Places } from '../clients/places.ts';
import { clientOf, type FoundServer, type LeftOut, readServers } from '../clients/read-servers.ts';
import { SupervisorError } from '../errors.ts';
import { readText } from '../write-files.ts';

export interface Search {
  readonly servers: readonly FoundServer[];
  readonly leftOut: readonly LeftOut[];
  /** Files that are there and cannot be used, and why. */
  readonly problems: readonly string[];
}

/** The servers of every client's files: first those of the project, then those of the user. */
export function findServers(places: Places): Search {
  const clients = CLIENT_IDS.map((id): [ClientId, Client] => [id, CLIENTS[id]]);
  const files = [
    ...clients.flatMap(([id, { project }]) => (project === null ? [] : [{ id, file: project(places) }])),
    ...clients.map(([id, { user }]) => ({ id, file: user(places) })),
  ];
  // In the home directory the two are the same.
  const once = files.filter(({ file }, index) => files.findIndex((other) => other.file === file) === index);
  return merged(once.map(({ id, file }) => search(id, file, places)));
}

/** The servers of one file that the user names; whatever is wrong with it is an error. */
export function serversOf(file: string, places: Places): Search {
  const text = readText(file);
  if (text === null) {
    throw new SupervisorError('usage.invalid', `There is no file ${file}`, 'Check what --from names.');
  }
  const id = clientOf(file, text);
  if (id === null) {
    const hint = 'It needs one of the keys mcpServers, servers, context_servers, or [mcp_servers] in TOML.';
    throw new SupervisorError('usage.invalid', `${file} lists no MCP servers`, hint);
  }
  return { ...readServers(id, file, text, places), problems: [] };
}

/** Somebody else's broken file is no reason to stop. */
function search(id: ClientId, file: string, places: Places): Search {
  try {
    const text = readText(file);
    if (text === null || text.trim() === '') return merged([]);
    return { ...readServers(id, file, text, places), problems: [] };
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    return { servers: [], leftOut: [], problems: [error.message] };
  }
}

function merged(searches: readonly Search[]): Search {
  return {
    servers: searches.flatMap(({ servers }) => servers),
    leftOut: searches.flatMap(({ leftOut }) => leftOut),
    problems: searches.flatMap(({ problems }) => problems),
  };
}
