import { inAppData, inHome, inProject, inXdgConfig, type Places } from './places.ts';
import type { ReferenceSyntax } from './references.ts';

/** A command that speaks MCP on stdio. */
export interface StdioCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** An entry of a client's config. */
export type Entry = Readonly<Record<string, unknown>>;

/** How a client is told the gateway's token without being told the token. */
export type TokenReference =
  /** Text that the client replaces. */
  | { readonly kind: 'text'; readonly of: (variable: string) => string }
  /** The client asks its user once, and keeps it. */
  | { readonly kind: 'input'; readonly of: (id: string) => string }
  /** A key of the entry names the variable. */
  | { readonly kind: 'variable-key' }
  /** There is no way, so such a client gets the stdio form. */
  | { readonly kind: 'none' };

/** What is known of one MCP client. */
export interface Client {
  readonly title: string;
  readonly format: 'jsonc' | 'toml';
  /** The key of its file that holds the servers, by name. */
  readonly key: string;
  /** Which of its files `client-config --write` changes. */
  readonly level: 'project' | 'user';
  readonly project: ((places: Places) => string) | null;
  readonly user: (places: Places) => string;
  /** The references that it replaces in the entries of its file. */
  readonly references: ReferenceSyntax;
  readonly token: TokenReference;
  /** The entry of an HTTP endpoint; `authorization` is the header's value, or the variable for `variable-key`. */
  readonly http: ((url: string, authorization: string | null) => Entry) | null;
  readonly stdio: (line: StdioCommand) => Entry;
}

const headers = (authorization: string | null): Entry =>
  authorization === null ? {} : { headers: { Authorization: authorization } };
const commandOnly = ({ command, args }: StdioCommand): Entry => ({ command, args });
const typed = ({ command, args }: StdioCommand): Entry => ({ type: 'stdio', command, args });
const fromEnvironment: TokenReference = { kind: 'text', of: (name) => `\${env:${name}}` };
const fromShell: TokenReference = { kind: 'text', of: (name) => `\${${name}}` };

/** The clients, by the name that `client-config` knows them under. */
export const CLIENTS = {
  'claude-code': {
    title: 'Claude Code',
    format: 'jsonc',
    key: 'mcpServers',
    level: 'project',
    project: (places) => inProject(places, '.mcp.json'),
    user: (places) => inHome(places, '.claude.json'),
    references: 'shell',
    token: fromShell,
    http: (url, authorization) => ({ type: 'http', url, ...headers(authorization) }),
    stdio: typed,
  },
  vscode: {
    title: 'VS Code',
    format: 'jsonc',
    key: 'servers',
    level: 'project',
    project: (places) => inProject(places, '.vscode', 'mcp.json'),
    user: (places) => inAppData(places, 'Code', 'User', 'mcp.json'),
    references: 'editor',
    token: { kind: 'input', of: (id) => `\${input:${id}}` },
    http: (url, authorization) => ({ type: 'http', url, ...headers(authorization) }),
    stdio: typed,
  },
  cursor: {
    title: 'Cursor',
    format: 'jsonc',
    key: 'mcpServers',
    level: 'project',
    project: (places) => inProject(places, '.cursor', 'mcp.json'),
    user: (places) => inHome(places, '.cursor', 'mcp.json'),
    references: 'editor',
    token: fromEnvironment,
    http: (url, authorization) => ({ url, ...headers(authorization) }),
    stdio: commandOnly,
  },
  codex: {
    title: 'Codex',
    format: 'toml',
    key: 'mcp_servers',
    level: 'user',
    // Codex reads it in projects that it trusts.
    project: (places) => inProject(places, '.codex', 'config.toml'),
    user: codexUser,
    references: 'none',
    token: { kind: 'variable-key' },
    http: (url, variable) => ({ url, ...(variable === null ? {} : { bearer_token_env_var: variable }) }),
    stdio: commandOnly,
  },
  gemini: {
    title: 'Gemini CLI',
    format: 'jsonc',
    key: 'mcpServers',
    level: 'project',
    project: (places) => inProject(places, '.gemini', 'settings.json'),
    user: (places) => inHome(places, '.gemini', 'settings.json'),
    references: 'gemini',
    token: fromShell,
    http: (url, authorization) => ({ type: 'http', url, ...headers(authorization) }),
    stdio: commandOnly,
  },
  windsurf: {
    title: 'Windsurf',
    format: 'jsonc',
    key: 'mcpServers',
    level: 'user',
    project: null,
    user: (places) => inHome(places, '.codeium', 'windsurf', 'mcp_config.json'),
    references: 'editor',
    token: fromEnvironment,
    http: (url, authorization) => ({ serverUrl: url, ...headers(authorization) }),
    stdio: commandOnly,
  },
  zed: {
    title: 'Zed',
    format: 'jsonc',
    key: 'context_servers',
    level: 'user',
    project: (places) => inProject(places, '.zed', 'settings.json'),
    user: zedUser,
    references: 'none',
    // It takes headers, but replaces nothing in them: the token itself would be in the file.
    token: { kind: 'none' },
    http: (url, authorization) => ({ url, ...headers(authorization) }),
    stdio: commandOnly,
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    format: 'jsonc',
    key: 'mcpServers',
    level: 'user',
    project: null,
    user: (places) => inAppData(places, 'Claude', 'claude_desktop_config.json'),
    references: 'none',
    token: { kind: 'none' },
    // Its file starts commands only.
    http: null,
    stdio: commandOnly,
  },
} as const satisfies Readonly<Record<string, Client>>;

export type ClientId = keyof typeof CLIENTS;
export const CLIENT_IDS = Object.keys(CLIENTS) as readonly ClientId[];

export function isClientId(name: string): name is ClientId {
  return Object.hasOwn(CLIENTS, name);
}

/** The file that `client-config --write` changes. */
export function fileOf(client: Client, places: Places): string {
  return (client.level === 'project' ? client.project : null)?.(places) ?? client.user(places);
}

function codexUser(places: Places): string {
  const home = places.env['CODEX_HOME'];
  if (home === undefined || home === '') return inHome(places, '.codex', 'config.toml');
  return inProject({ ...places, root: home }, 'config.toml');
}

/** Zed keeps its settings below `.config` on macOS, and in APPDATA on Windows. */
function zedUser(places: Places): string {
  return places.platform === 'win32'
    ? inAppData(places, 'Zed', 'settings.json')
    : inXdgConfig(places, 'zed', 'settings.json');
}
