import type { FoundServer } from '../clients/read-servers.ts';
import { isServerName } from '../config/server-name.ts';

/** A server that was found, by the name that it gets in the config. */
export interface NamedServer {
  readonly name: string;
  readonly server: FoundServer;
  /** The other files that have the very same entry. */
  readonly alsoIn: readonly string[];
}

/** Names that a config takes: what several clients have in the same way is one server, what differs is two. */
export function nameServers(found: readonly FoundServer[]): NamedServer[] {
  const named: NamedServer[] = [];
  for (const server of found) {
    const same = named.findIndex((other) => sameEntry(other.server, server));
    const twin = named[same];
    if (twin !== undefined) {
      named[same] = { ...twin, alsoIn: [...new Set([...twin.alsoIn, server.file])] };
      continue;
    }
    const taken = new Set(named.map(({ name }) => name.toLowerCase()));
    const name = freeName(usable(server.name), server.client, (wish) => !taken.has(wish.toLowerCase()));
    named.push({ name, server, alsoIn: [] });
  }
  return named;
}

/** `GitHub MCP` → `GitHub-MCP`. */
function usable(name: string): string {
  const kept = name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/-+$/, '')
    .slice(0, 48);
  return kept === '' ? 'server' : isServerName(kept) ? kept : `${kept}-server`;
}

function freeName(wish: string, client: string, isFree: (name: string) => boolean): string {
  if (isFree(wish)) return wish;
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${wish}-${client}` : `${wish}-${client}-${count}`;
    if (isFree(name)) return name;
  }
}

function sameEntry(one: FoundServer, other: FoundServer): boolean {
  const core = ({ name, command, args, env, cwd, envFiles }: FoundServer) => {
    const pairs = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([name, command, args, pairs, cwd, envFiles]);
  };
  return core(one) === core(other);
}
