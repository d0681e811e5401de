import { CLIENTS, type Client, type ClientId } from './catalogue.ts';
import { ClientText, isRecord } from './client-text.ts';
import { addressesOf, ownServer } from './gateway-entry.ts';
import type { Places } from './places.ts';
import { literal, parseReferences, type ReferenceScope, type Template } from './references.ts';

/** A stdio server as a client starts it. */
export interface FoundServer {
  readonly name: string;
  readonly client: ClientId;
  readonly file: string;
  readonly command: Template;
  readonly args: readonly Template[];
  readonly env: Readonly<Record<string, Template>>;
  readonly cwd: Template | null;
  readonly envFiles: readonly Template[];
}

/** An entry that is not offered, and why. */
export interface LeftOut {
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

export interface Found {
  readonly servers: readonly FoundServer[];
  readonly leftOut: readonly LeftOut[];
}

/** The servers of a client's file. Throws where it is no valid JSON or TOML. */
export function readServers(id: ClientId, file: string, text: string, places: Places): Found {
  const client: Client = CLIENTS[id];
  const value = new ClientText(client, file).value(text) ?? {};
  const scope = scopeOf(value, places);
  const servers: FoundServer[] = [];
  const leftOut: LeftOut[] = [];
  for (const [name, entry] of entriesIn(id, client, value, places)) {
    const reason = whyNot(entry);
    if (reason !== null) leftOut.push({ name, file, reason });
    else servers.push({ name, client: id, file, ...stdioServer(entry, client, scope, places) });
  }
  return { servers, leftOut };
}

/** Which client a file belongs to that the user named: by its keys. */
export function clientOf(file: string, text: string): ClientId | null {
  if (/\.toml$/i.test(file)) return 'codex';
  const value = new ClientText(CLIENTS['claude-code'], file).value(text) ?? {};
  if (isRecord(value[CLIENTS.vscode.key])) return 'vscode';
  if (isRecord(value[CLIENTS.zed.key])) return 'zed';
  if (!isRecord(value['mcpServers'])) return null;
  if (/[\\/]\.?cursor[\\/]/i.test(file)) return 'cursor';
  if (/[\\/]\.gemini[\\/]/.test(file)) return 'gemini';
  if (/windsurf/i.test(file)) return 'windsurf';
  return /claude_desktop/.test(file) ? 'claude-desktop' : 'claude-code';
}

function entriesIn(
  id: ClientId,
  { key }: Client,
  value: Readonly<Record<string, unknown>>,
  { root }: Places,
): [string, unknown][] {
  const holders: unknown[] = [value[key]];
  // Claude Code keeps what was added for one folder alone in the user's own file.
  const projects = value['projects'];
  const project = id === 'claude-code' && isRecord(projects) ? projects[root] : null;
  if (isRecord(project)) holders.unshift(project[key]);
  return holders.flatMap((holder) => (isRecord(holder) ? Object.entries(holder) : []));
}

function whyNot(entry: unknown): string | null {
  if (!isRecord(entry)) return 'its entry is no object';
  if (ownServer(entry) !== null) return 'it is served by a supervisor already';
  if (addressesOf(entry).length > 0)
    return 'it has a URL, so it runs elsewhere; its client reaches it by itself';
  if (entry['disabled'] === true || entry['enabled'] === false) return 'it is switched off there';
  if (commandOf(entry) === null) return 'it has no command';
  return null;
}

/** Older versions of Zed nest what belongs to the command. */
function commandOf(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  const { command } = entry;
  if (typeof command === 'string' && command !== '') return entry;
  return isRecord(command) && typeof command['path'] === 'string'
    ? { ...entry, ...command, command: command['path'] }
    : null;
}

function stdioServer(entry: unknown, client: Client, scope: ReferenceScope, places: Places) {
  const own = commandOf(entry as Record<string, unknown>) ?? {};
  // A relative path in an argument is relative to the folder that the server runs in.
  const inRoot = own['cwd'] === undefined;
  const within = inRoot ? scope : { ...scope, workspace: places.root };
  const read = (value: unknown) => parseReferences(String(value), client.references, within);
  const list = (value: unknown) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
  const env = isRecord(own['env']) ? own['env'] : {};
  const declared = Object.entries(env).filter(([, value]) => value !== null && typeof value !== 'object');
  // Codex passes these on from its own environment.
  const passed = list(own['env_vars']).filter((name) => typeof name === 'string');
  const { cwd } = own;
  return {
    command: read(own['command']),
    args: list(own['args']).map(read),
    env: {
      ...Object.fromEntries(passed.map((name): [string, Template] => [name, [{ kind: 'variable', name }]])),
      ...Object.fromEntries(declared.map(([name, value]) => [name, read(value)])),
    },
    cwd: typeof cwd === 'string' ? parseReferences(cwd, client.references, scope) : null,
    envFiles: list(own['envFile']).map((file) =>
      typeof file === 'string' ? parseReferences(file, client.references, scope) : literal(''),
    ),
  };
}

function scopeOf(value: Readonly<Record<string, unknown>>, { root, platform }: Places): ReferenceScope {
  const inputs = Array.isArray(value['inputs']) ? value['inputs'].filter(isRecord) : [];
  const defaults = inputs.flatMap(({ id, default: fallback }) => {
    return typeof id === 'string' && typeof fallback === 'string' && fallback !== '' ? [[id, fallback]] : [];
  });
  return { inputs: Object.fromEntries(defaults), workspace: '.', root, platform };
}
