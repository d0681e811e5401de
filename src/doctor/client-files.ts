import { CLIENTS, type Client } from '../clients/catalogue.ts';
import { inAppData, inHome, inProject, type Places } from '../clients/places.ts';

export interface ClientFile {
  readonly path: string;
  /** Whose it is, for people. */
  readonly client: string;
}

const CONFIGS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((extension) => `ecosystem.config.${extension}`);
const EXAMPLES = ['.env.example', '.env.sample', '.env.template'];

/** The files that people paste tokens into, whether they exist or not. */
export function clientFiles(places: Places, configFile: string): readonly ClientFile[] {
  const inRoot = (names: readonly string[], client: string) =>
    names.map((name) => ({ path: inProject(places, ...name.split('/')), client }));
  const { 'claude-code': claude, vscode } = CLIENTS;
  return [
    { path: configFile, client: 'mcp-supervisor' },
    ...inRoot(CONFIGS, 'mcp-supervisor'),
    ...inRoot(EXAMPLES, 'the template of .env'),
    ...Object.values(CLIENTS).flatMap((client) => mcpFiles(client, places)),
    // Settings besides those of MCP servers, which have an environment of their own.
    ...inRoot(['.claude/settings.json', '.claude/settings.local.json'], claude.title),
    ...inRoot(['.vscode/settings.json'], vscode.title),
    { path: inHome(places, '.claude', 'settings.json'), client: claude.title },
    { path: inAppData(places, 'Code', 'User', 'settings.json'), client: vscode.title },
  ];
}

function mcpFiles({ title, project, user }: Client, places: Places): ClientFile[] {
  return [project, user].flatMap((file) => (file === null ? [] : [{ path: file(places), client: title }]));
}
