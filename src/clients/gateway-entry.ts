import type { Client, Entry, StdioCommand } from './catalogue.ts';

/** The servers of a config, as clients reach them. */
export interface Gateway {
  readonly configFile: string;
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  /** Whether clients need the token. */
  readonly auth: boolean;
}

export type Via = 'http' | 'stdio';

/** What the token is called in a client's config, and in its environment. */
export const TOKEN_VARIABLE = 'MCP_SUPERVISOR_TOKEN';
export const TOKEN_INPUT = 'mcp-supervisor-token';

/** What VS Code asks its user for. */
export const TOKEN_PROMPT: Entry = {
  type: 'promptString',
  id: TOKEN_INPUT,
  description: 'Token of mcp-supervisor',
  password: true,
};

/** The transport that fits a client: HTTP, unless the token itself would have to be in its file. */
export function viaFor(client: Client, { auth }: Gateway): Via {
  return client.http === null || (client.token.kind === 'none' && auth) ? 'stdio' : 'http';
}

/** The entry of one server; it never holds the token. */
export function entryOf(
  client: Client,
  gateway: Gateway,
  server: { readonly name: string; readonly url: string },
  via: Via,
  own: StdioCommand,
): Entry {
  if (via === 'stdio' || client.http === null) {
    const args = [...own.args, 'connect', server.name, '--config', gateway.configFile];
    return client.stdio({ command: own.command, args });
  }
  return client.http(server.url, gateway.auth ? authorization(client) : null);
}

/** Whether the entry needs an input to be declared beside it. */
export function needsPrompt(client: Client, { auth }: Gateway, via: Via): boolean {
  return via === 'http' && auth && client.token.kind === 'input';
}

function authorization({ token }: Client): string | null {
  switch (token.kind) {
    case 'text':
      return `Bearer ${token.of(TOKEN_VARIABLE)}`;
    case 'input':
      return `Bearer ${token.of(TOKEN_INPUT)}`;
    case 'variable-key':
      return TOKEN_VARIABLE;
    case 'none':
      return null;
  }
}

const GATEWAY_URL = /^https?:\/\/(?:127(?:\.\d+){3}|localhost|\[::1\]):\d+\/([\w-]+)\/mcp\/?$/;

/** Where an entry says that its server is; clients call that by different names. */
export function addressesOf(entry: Entry): string[] {
  return ['url', 'serverUrl', 'httpUrl']
    .map((key) => entry[key])
    .filter((value) => typeof value === 'string');
}

/** The server that an entry of ours leads to, of whichever project; null where it is not one of ours. */
export function ownServer(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { command, args } = entry as Entry;
  for (const address of addressesOf(entry as Entry)) {
    const [, name] = GATEWAY_URL.exec(address) ?? [];
    if (name !== undefined) return name;
  }
  if (typeof command !== 'string' || !Array.isArray(args)) return null;
  const words = [command, ...args].map(String);
  const ours = words.findIndex((word) => /(?:^|[\\/])mcp-supervisor(?:@[\w.-]+|\.js|\.cmd)?$/.test(word));
  return ours !== -1 && words[ours + 1] === 'connect' ? (words[ours + 2] ?? null) : null;
}

/** Whether an entry of ours leads to this very project. */
export function leadsTo(entry: unknown, gateway: Gateway, name: string): boolean {
  if (ownServer(entry) !== name) return false;
  const { args } = entry as Entry;
  if (Array.isArray(args)) return args.includes(gateway.configFile);
  const wanted = gateway.servers.find((server) => server.name === name)?.url;
  return wanted !== undefined && addressesOf(entry as Entry).includes(wanted);
}
