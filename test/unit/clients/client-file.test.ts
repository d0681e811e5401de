import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { CLIENTS, type Client, type ClientId } from '../../../src/clients/catalogue.ts';
import { ClientFile } from '../../../src/clients/client-file.ts';
import { entryOf, type Gateway, needsPrompt } from '../../../src/clients/gateway-entry.ts';
import { Receipts } from '../../../src/clients/receipts.ts';
import { jsoncText } from '../../support/jsonc-text.ts';
import { tempDir } from '../../support/temp-dir.ts';

const SELF = { command: '/usr/bin/node', args: ['/opt/mcp-supervisor.js'] };

interface World {
  readonly file: string;
  readonly gateway: Gateway;
  write(...names: readonly string[]): ReturnType<ClientFile['write']>;
  remove(...names: readonly string[]): string[];
  text(): string | null;
}

function world(id: ClientId, dir: string, name: string, port = 7420, project = 'p'): World {
  const client: Client = CLIENTS[id];
  const file = `${dir}/${name}`;
  const servers = ['sentry', 'own'].map((one) => ({ name: one, url: `http://127.0.0.1:${port}/${one}/mcp` }));
  const gateway = { configFile: `/${project}/ecosystem.config.ts`, servers, auth: true };
  const clientFile = () => new ClientFile(client, file, new Receipts(`${dir}/clients-${project}.json`));
  return {
    file,
    gateway,
    write: (...names) => {
      const asked = servers.filter((one) => names.length === 0 || names.includes(one.name));
      const entries = asked.map((one) => [one.name, entryOf(client, gateway, one, 'http', SELF)] as const);
      return clientFile().write(gateway, entries, needsPrompt(client, gateway, 'http'));
    },
    remove: (...names) => clientFile().remove(gateway, names.length === 0 ? null : names),
    text: () => (existsSync(file) ? readFileSync(file, 'utf8') : null),
  };
}

const backups = (file: string) => readdirSync(dirname(file)).filter((name) => name.endsWith('.bak'));

test('writing keeps a backup and the mode, says what it replaced, and does nothing twice', () => {
  const { dir, write } = tempDir();
  const before =
    '{\n  // mine\n  "mcpServers": {\n    "sentry": {"command": "npx", "env": {"K": "canary-x"}}\n  }\n}\n';
  const file = write('.mcp.json', before);
  chmodSync(file, 0o640);
  const mcp = world('claude-code', dir, '.mcp.json');
  const written = mcp.write();
  expect(written).toMatchObject({ changed: true, replaced: ['sentry'] });
  expect(readFileSync(written.backup ?? '', 'utf8')).toBe(before);
  expect([statSync(file).mode & 0o777, statSync(written.backup ?? '').mode & 0o777]).toEqual([0o640, 0o600]);
  expect(mcp.write()).toEqual({ changed: false, backup: null, replaced: [] });
  expect(backups(file)).toHaveLength(1);
  // Names and checksums, and nothing of what was in the file.
  expect(readFileSync(`${dir}/clients-p.json`, 'utf8')).not.toContain('canary-x');
  expect(mcp.remove()).toEqual(['sentry', 'own']);
  expect(mcp.text()).toBe(before);
  expect(backups(file)).toEqual([]);
  expect(mcp.remove()).toEqual([]);
});

test('a file that was made goes again, and one that somebody has added to stays', () => {
  const { dir } = tempDir();
  const mcp = world('vscode', dir, 'deep/mcp.json');
  expect(mcp.write()).toMatchObject({ changed: true, backup: null });
  expect(mcp.remove()).toEqual(['sentry', 'own']);
  expect(mcp.text()).toBeNull();

  mcp.write();
  writeFileSync(mcp.file, (mcp.text() ?? '').replace('{', '{\n  "mine": 1,'));
  mcp.remove();
  expect(parse(mcp.text() ?? '')).toEqual({ mine: 1 });
});

test('one of several is removed, and what was made for all goes with the last', () => {
  const { dir, write } = tempDir();
  const before = '{\n  "servers": {}\n}\n';
  write('mcp.json', before);
  const mcp = world('vscode', dir, 'mcp.json');
  mcp.write('sentry');
  mcp.write('own');
  expect(mcp.remove('sentry')).toEqual(['sentry']);
  const { servers, inputs } = parse(mcp.text() ?? '');
  expect([Object.keys(servers), inputs.length]).toEqual([['own'], 1]);
  mcp.remove();
  expect(parse(mcp.text() ?? '')).toEqual({ servers: {} });
});

test.each<[ClientId, string]>([
  ['claude-code', '{\n  "mcpServers": {\n    "sentry": { "command": "npx" /* mine */, }\n  }\n}\n'],
  ['codex', '[mcp_servers.sentry] # mine\ncommand = "npx"\n\n[mcp_servers.sentry.env]\nA = "1"\n'],
])(
  '%s: an entry that was replaced comes back as it was, also where somebody has written since',
  (id, before) => {
    const { dir, write } = tempDir();
    write('config', before);
    const mcp = world(id, dir, 'config');
    mcp.write();
    const edit = (all: string) => (id === 'codex' ? `# new\n${all}` : all.replace('{', '{\n  "new": 1,'));
    writeFileSync(mcp.file, edit(mcp.text() ?? ''));
    expect(mcp.remove()).toEqual(['sentry', 'own']);
    expect(mcp.text()).toBe(edit(before));
  },
);

test('what somebody has written between two writes stays', () => {
  const { dir, write } = tempDir();
  write('mcp.json', '{\n  "servers": {\n    "a": {}\n  }\n}\n');
  const mcp = world('vscode', dir, 'mcp.json');
  mcp.write('sentry');
  writeFileSync(mcp.file, (mcp.text() ?? '').replace('"a"', '"b"'));
  mcp.write('own');
  mcp.remove();
  expect(mcp.text()).toBe('{\n  "servers": {\n    "b": {}\n  }\n}\n');
});

test('a symlink stays one', () => {
  const { dir, write } = tempDir();
  write('dotfiles/mcp.json', '{}');
  symlinkSync(`${dir}/dotfiles/mcp.json`, `${dir}/mcp.json`);
  const mcp = world('cursor', dir, 'mcp.json');
  mcp.write();
  expect(lstatSync(mcp.file).isSymbolicLink()).toBe(true);
  expect(readFileSync(`${dir}/dotfiles/mcp.json`, 'utf8')).toContain('sentry');
  mcp.remove();
  expect(readFileSync(`${dir}/dotfiles/mcp.json`, 'utf8')).toBe('{}');
});

test.each(['claude-code', 'codex'] as const)(
  '%s: the entry of another project is replaced by name, and comes back',
  (id) => {
    const { dir } = tempDir();
    const one = world(id, dir, 'config', 7420, 'one');
    const two = world(id, dir, 'config', 7421, 'two');
    one.write('sentry');
    const before = one.text();
    expect(two.remove()).toEqual([]);
    expect(two.write()).toMatchObject({ replaced: ['sentry'] });
    expect(one.remove()).toEqual([]);
    two.remove();
    expect(two.text()).toBe(before);
  },
);

test('what leads elsewhere is not ours to remove', () => {
  const { dir, write } = tempDir();
  const before =
    '{"mcpServers": {"sentry": {"command": "npx"}, "gone": {"url": "http://127.0.0.1:7420/gone/mcp"}}}';
  write('.mcp.json', before);
  expect(world('claude-code', dir, '.mcp.json').remove()).toEqual([]);
});

test('without the note of what was written, entries of this project go, and the rest stays', () => {
  const { dir, write } = tempDir();
  const before = '{\n  "mcpServers": {\n    "a": {} // c\n  }\n}\n';
  write('.mcp.json', before);
  const mcp = world('claude-code', dir, '.mcp.json');
  mcp.write();
  rmSync(`${dir}/clients-p.json`);
  expect(mcp.remove()).toEqual(['sentry', 'own']);
  expect(mcp.text()).toBe(before);
});

const anyText = fc.oneof(
  jsoncText(),
  fc.constantFrom('', '{}', '{\n}\n', '{ "servers": {} }', '// c\n', '{"inputs":[]}'),
);

test('whatever a file looks like, write and remove give the bytes back', () => {
  const { dir } = tempDir();
  let count = 0;
  fc.assert(
    fc.property(anyText, (text) => {
      const mcp = world('vscode', dir, `mcp-${count++}.json`);
      writeFileSync(mcp.file, text);
      mcp.write('own');
      mcp.write();
      expect(parse((mcp.text() ?? '').replace(/^\uFEFF/, '')).servers).toHaveProperty(['own']);
      mcp.remove();
      expect(mcp.text()).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('and where somebody has written in between, what he wrote is all that is left', () => {
  const { dir } = tempDir();
  let count = 0;
  fc.assert(
    fc.property(jsoncText(), (text) => {
      const mcp = world('vscode', dir, `mcp-${count++}.json`);
      writeFileSync(mcp.file, text);
      mcp.write();
      const edit = (all: string) => all.replace('"b": "x"', '"b": "y"');
      writeFileSync(mcp.file, edit(mcp.text() ?? ''));
      mcp.remove();
      expect(mcp.text()).toBe(edit(text));
    }),
    { numRuns: 50 },
  );
});
