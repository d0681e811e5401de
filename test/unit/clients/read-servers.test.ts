import { describe, expect, it, test } from 'vitest';
import type { ClientId } from '../../../src/clients/catalogue.ts';
import { clientOf, readServers } from '../../../src/clients/read-servers.ts';
import { configText } from '../../../src/clients/references.ts';
import { PLACES, readFrom } from '../init/found-server.ts';

function texts(id: ClientId, value: unknown) {
  return readFrom(id, value).servers.map(({ name, command, args, env, cwd, envFiles }) => ({
    name,
    command: configText(command),
    args: args.map(configText),
    env: Object.fromEntries(Object.entries(env).map(([key, text]) => [key, configText(text)])),
    cwd: cwd === null ? null : configText(cwd),
    envFiles: envFiles.map(configText),
  }));
}

describe('what clients write', () => {
  const bare = { args: [], env: {}, cwd: null, envFiles: [] };

  it('Claude Code, with what it keeps for this folder alone', () => {
    const value = {
      mcpServers: { a: { type: 'stdio', command: 'x', args: ['${HOME}'], env: { N: 1, B: true, Z: null } } },
      projects: {
        '/p': { mcpServers: { b: { command: 'y' } } },
        '/q': { mcpServers: { c: { command: 'z' } } },
      },
    };
    expect(texts('claude-code', value)).toEqual([
      { ...bare, name: 'b', command: 'y' },
      { ...bare, name: 'a', command: 'x', args: ['${HOME}'], env: { N: '1', B: 'true' } },
    ]);
  });

  it('VS Code', () => {
    const entry = {
      command: '${workspaceFolder}/run',
      args: ['${input:key}'],
      env: { D: '${env:D}' },
      envFile: '${workspaceFolder}/.env.x',
      cwd: '${workspaceFolder}/sub',
    };
    expect(texts('vscode', { inputs: [{ id: 'key', default: 'k' }], servers: { a: entry } })).toEqual([
      {
        name: 'a',
        command: '/p/run',
        args: ['${KEY:-k}'],
        env: { D: '${D:-}' },
        cwd: './sub',
        envFiles: ['./.env.x'],
      },
    ]);
  });

  it('Codex', () => {
    const text =
      '[mcp_servers.a]\ncommand = "x"\nargs = ["${HOME}"]\nenv_vars = ["T"]\n[mcp_servers.a.env]\nK = "v"\n[mcp_servers.b]\nurl = "https://x"\n';
    const { servers, leftOut } = readServers('codex', '/p/config.toml', text, PLACES);
    expect(servers.map(({ args }) => args.map(configText))).toEqual([['$${HOME}']]);
    expect(Object.keys(servers[0]?.env ?? {})).toEqual(['T', 'K']);
    expect(leftOut).toMatchObject([{ name: 'b', reason: expect.stringContaining('URL') }]);
  });

  it('Zed, also as it was before', () => {
    const value = {
      context_servers: {
        a: { source: 'custom', command: { path: 'x', args: ['1'], env: { K: 'v' } } },
        b: { settings: {} },
      },
    };
    expect(texts('zed', value)).toEqual([{ ...bare, name: 'a', command: 'x', args: ['1'], env: { K: 'v' } }]);
    expect(readFrom('zed', value).leftOut).toMatchObject([{ name: 'b', reason: 'it has no command' }]);
  });

  it('Gemini CLI', () => {
    expect(texts('gemini', { mcpServers: { a: { command: 'x', env: { K: '$KEY' } } } })).toMatchObject([
      { env: { K: '${KEY}' } },
    ]);
  });
});

test('what is not offered is named, with the reason', () => {
  const { servers, leftOut } = readFrom('cursor', {
    mcpServers: {
      remote: { url: 'https://mcp.sentry.dev/mcp', headers: { Authorization: 'canary-x' } },
      own: { url: 'http://127.0.0.1:7420/own/mcp' },
      bridge: { command: 'npx', args: ['mcp-supervisor', 'connect', 'x'] },
      off: { command: 'x', disabled: true },
      odd: 'x',
    },
  });
  expect(servers).toEqual([]);
  expect(leftOut.map(({ name }) => name)).toEqual(['remote', 'own', 'bridge', 'off', 'odd']);
  expect(leftOut.map(({ reason }) => reason).join()).not.toContain('canary');
});

test.each<[string, string, ClientId | null]>([
  ['x.json', '{"mcpServers":{}}', 'claude-code'],
  ['/h/.cursor/mcp.json', '{"mcpServers":{}}', 'cursor'],
  ['/h/.gemini/settings.json', '{"mcpServers":{}}', 'gemini'],
  ['/h/.codeium/windsurf/mcp_config.json', '{"mcpServers":{}}', 'windsurf'],
  ['/h/claude_desktop_config.json', '{"mcpServers":{}}', 'claude-desktop'],
  ['x.json', '{"servers":{} /* c */,}', 'vscode'],
  ['x.json', '{"context_servers":{}}', 'zed'],
  ['x.toml', '', 'codex'],
  ['package.json', '{"name":"x"}', null],
])('%s %s is a file of %s', (file, text, id) => {
  expect(clientOf(file, text)).toBe(id);
});
