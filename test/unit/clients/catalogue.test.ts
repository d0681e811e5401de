import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it, test } from 'vitest';
import { CLIENT_IDS, CLIENTS, type Client, type ClientId, fileOf } from '../../../src/clients/catalogue.ts';
import { snippet } from '../../../src/clients/client-text.ts';
import {
  entryOf,
  type Gateway,
  needsPrompt,
  ownServer,
  type Via,
  viaFor,
} from '../../../src/clients/gateway-entry.ts';
import type { Places } from '../../../src/clients/places.ts';

const URL = 'http://127.0.0.1:7420/sentry/mcp';
const GATEWAY: Gateway = {
  configFile: '/p/ecosystem.config.ts',
  servers: [{ name: 'sentry', url: URL }],
  auth: true,
};
const SELF = { command: '/usr/bin/node', args: ['/opt/mcp-supervisor/dist/bin/mcp-supervisor.js'] };
const CONNECT = [...SELF.args, 'connect', 'sentry', '--config', '/p/ecosystem.config.ts'];

function printed(id: ClientId, via: Via | null = null, gateway = GATEWAY): unknown {
  const client: Client = CLIENTS[id];
  const chosen = via ?? viaFor(client, gateway);
  const entries = gateway.servers.map((server): [string, Record<string, unknown>] => [
    server.name,
    entryOf(client, gateway, server, chosen, SELF),
  ]);
  const text = snippet(client, entries, needsPrompt(client, gateway, chosen));
  return client.format === 'toml' ? parseToml(text) : parseJsonc(text);
}

describe('what is printed, read as the client reads it', () => {
  const headers = (reference: string) => ({ headers: { Authorization: `Bearer ${reference}` } });
  const shell = headers('${MCP_SUPERVISOR_TOKEN}');
  const env = headers('${env:MCP_SUPERVISOR_TOKEN}');
  const command = { command: SELF.command, args: CONNECT };

  it.each<[ClientId, unknown]>([
    ['claude-code', { mcpServers: { sentry: { type: 'http', url: URL, ...shell } } }],
    [
      'vscode',
      {
        servers: { sentry: { type: 'http', url: URL, ...headers('${input:mcp-supervisor-token}') } },
        inputs: [
          {
            type: 'promptString',
            id: 'mcp-supervisor-token',
            description: 'Token of mcp-supervisor',
            password: true,
          },
        ],
      },
    ],
    ['cursor', { mcpServers: { sentry: { url: URL, ...env } } }],
    ['codex', { mcp_servers: { sentry: { url: URL, bearer_token_env_var: 'MCP_SUPERVISOR_TOKEN' } } }],
    ['gemini', { mcpServers: { sentry: { type: 'http', url: URL, ...shell } } }],
    ['windsurf', { mcpServers: { sentry: { serverUrl: URL, ...env } } }],
    ['zed', { context_servers: { sentry: command } }],
    ['claude-desktop', { mcpServers: { sentry: command } }],
  ])('%s', (id, wanted) => {
    expect(printed(id)).toEqual(wanted);
  });

  it.each(CLIENT_IDS)('%s over stdio starts connect, and needs nothing else', (id) => {
    const entry = Object.values(printed(id, 'stdio') as Record<string, Record<string, unknown>>)[0]?.[
      'sentry'
    ];
    expect(entry).toMatchObject(command);
    expect(JSON.stringify(printed(id, 'stdio'))).not.toContain('TOKEN');
  });

  it('names no token where the gateway asks for none', () => {
    const open = { ...GATEWAY, auth: false };
    for (const id of CLIENT_IDS) expect(JSON.stringify(printed(id, null, open))).not.toMatch(/token/i);
    expect(printed('zed', null, open)).toEqual({ context_servers: { sentry: { url: URL } } });
  });
});

test.each(CLIENT_IDS)('an entry of ours for %s is known as ours', (id) => {
  const client: Client = CLIENTS[id];
  for (const via of ['http', 'stdio'] as const) {
    const [server] = GATEWAY.servers;
    if (server !== undefined) expect(ownServer(entryOf(client, GATEWAY, server, via, SELF))).toBe('sentry');
  }
  expect(ownServer({ command: 'npx', args: ['-y', 'mcp-supervisor@1.0.0', 'connect', 'a'] })).toBe('a');
  expect(ownServer({ command: 'mcp-supervisor', args: ['connect', 'a'] })).toBe('a');
  expect(ownServer({ command: 'npx', args: ['-y', 'mcp-supervisor-x', 'connect', 'a'] })).toBeNull();
  expect(ownServer({ url: 'https://mcp.sentry.dev/mcp' })).toBeNull();
  expect(ownServer({ url: 'https://example.com:7420/sentry/mcp' })).toBeNull();
});

describe('where the files are', () => {
  const places = (platform: NodeJS.Platform, env: Record<string, string> = {}): Places =>
    platform === 'win32'
      ? { platform, root: 'C:\\p', home: 'C:\\Users\\me', env }
      : { platform, root: '/p', home: '/home/me', env };
  const files = (where: Places) =>
    Object.fromEntries(CLIENT_IDS.map((id) => [id, fileOf(CLIENTS[id], where)]));

  it('Linux', () => {
    expect(files(places('linux'))).toEqual({
      'claude-code': '/p/.mcp.json',
      vscode: '/p/.vscode/mcp.json',
      cursor: '/p/.cursor/mcp.json',
      codex: '/home/me/.codex/config.toml',
      gemini: '/p/.gemini/settings.json',
      windsurf: '/home/me/.codeium/windsurf/mcp_config.json',
      zed: '/home/me/.config/zed/settings.json',
      'claude-desktop': '/home/me/.config/Claude/claude_desktop_config.json',
    });
    const moved = files(places('linux', { XDG_CONFIG_HOME: '/c', CODEX_HOME: '/x' }));
    expect(moved).toMatchObject({ zed: '/c/zed/settings.json', codex: '/x/config.toml' });
  });

  it('macOS', () => {
    expect(files(places('darwin'))).toMatchObject({
      zed: '/home/me/.config/zed/settings.json',
      'claude-desktop': '/home/me/Library/Application Support/Claude/claude_desktop_config.json',
    });
    expect(CLIENTS.vscode.user(places('darwin'))).toBe(
      '/home/me/Library/Application Support/Code/User/mcp.json',
    );
  });

  it('Windows', () => {
    expect(files(places('win32', { APPDATA: 'D:\\Roaming' }))).toMatchObject({
      'claude-code': 'C:\\p\\.mcp.json',
      zed: 'D:\\Roaming\\Zed\\settings.json',
      'claude-desktop': 'D:\\Roaming\\Claude\\claude_desktop_config.json',
    });
    expect(CLIENTS.vscode.user(places('win32'))).toBe(
      'C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json',
    );
  });
});
