import { homedir } from 'node:os';
import { join } from 'node:path';

export interface ClientFile {
  readonly path: string;
  /** Whose it is, for people. */
  readonly client: string;
}

export interface Place {
  /** The project's folder. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

const CONFIGS = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json'].map((extension) => `ecosystem.config.${extension}`);
const EXAMPLES = ['.env.example', '.env.sample', '.env.template'];

/** The files that people paste tokens into, whether they exist or not. */
export function clientFiles({ root, env }: Place, configFile: string): readonly ClientFile[] {
  const home = homeOf(env);
  const apps = appFolder(home, env);
  const own = (names: readonly string[], client: string) =>
    names.map((name) => ({ path: join(root, name), client }));
  return [
    { path: configFile, client: 'mcp-supervisor' },
    ...own(CONFIGS, 'mcp-supervisor'),
    ...own(EXAMPLES, 'the template of .env'),
    ...own(['.mcp.json', '.claude/settings.json', '.claude/settings.local.json'], 'Claude Code'),
    ...own(['.vscode/mcp.json', '.vscode/settings.json'], 'VS Code'),
    ...own(['.cursor/mcp.json'], 'Cursor'),
    ...own(['.codex/config.toml'], 'Codex'),
    ...own(['.gemini/settings.json'], 'Gemini CLI'),
    ...own(['.zed/settings.json'], 'Zed'),
    { path: join(home, '.claude.json'), client: 'Claude Code' },
    { path: join(home, '.claude', 'settings.json'), client: 'Claude Code' },
    { path: join(apps, 'Claude', 'claude_desktop_config.json'), client: 'Claude Desktop' },
    { path: join(apps, 'Code', 'User', 'mcp.json'), client: 'VS Code' },
    { path: join(apps, 'Code', 'User', 'settings.json'), client: 'VS Code' },
    { path: join(home, '.cursor', 'mcp.json'), client: 'Cursor' },
    { path: join(env['CODEX_HOME'] ?? join(home, '.codex'), 'config.toml'), client: 'Codex' },
    { path: join(home, '.gemini', 'settings.json'), client: 'Gemini CLI' },
    { path: join(home, '.codeium', 'windsurf', 'mcp_config.json'), client: 'Windsurf' },
    { path: join(zedFolder(home, apps, env), 'settings.json'), client: 'Zed' },
  ];
}

function homeOf(env: Readonly<Record<string, string>>): string {
  const name = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
  const home = env[name] ?? '';
  return home === '' ? homedir() : home;
}

/** Where desktop applications keep their settings. */
function appFolder(home: string, env: Readonly<Record<string, string>>): string {
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (process.platform === 'win32') return env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
  return xdgConfig(home, env);
}

function zedFolder(home: string, apps: string, env: Readonly<Record<string, string>>): string {
  return process.platform === 'win32' ? join(apps, 'Zed') : join(xdgConfig(home, env), 'zed');
}

function xdgConfig(home: string, env: Readonly<Record<string, string>>): string {
  return env['XDG_CONFIG_HOME'] ?? join(home, '.config');
}
