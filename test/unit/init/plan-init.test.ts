import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { parse } from 'jsonc-parser';
import { describe, expect, it, test } from 'vitest';
import { appended, exampleText, ignoreText } from '../../../src/init/env-files-text.ts';
import { nameServers } from '../../../src/init/names.ts';
import { planDiff } from '../../../src/init/plan-diff.ts';
import { type InitRequest, planInit } from '../../../src/init/plan-init.ts';
import { tasksText } from '../../../src/init/vscode-tasks.ts';
import { writeFiles } from '../../../src/write-files.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { foundServer, readFrom } from './found-server.ts';

function plan(
  dir: string,
  entries: Record<string, Record<string, unknown>>,
  more: Partial<InitRequest> = {},
) {
  const servers = nameServers(Object.entries(entries).map(([name, entry]) => foundServer(entry, name)));
  return planInit({
    configFile: `${dir}/ecosystem.config.ts`,
    home: '/home/me',
    servers,
    sentry: false,
    vscode: false,
    ...more,
  });
}

describe('names', () => {
  const named = (...names: string[]) =>
    nameServers(names.map((name, index) => foundServer({ command: `x${index}` }, name))).map(
      ({ name }) => name,
    );

  it('are such that a config takes them', () => {
    expect(named('GitHub MCP', 'io.github/x', 'supervisor', '@@', 'a'.repeat(80))).toEqual([
      'GitHub-MCP',
      'io-github-x',
      'supervisor-server',
      'server',
      'a'.repeat(48),
    ]);
    expect(named('a', 'A', 'a', 'a')).toEqual(['a', 'A-claude-code', 'a-claude-code-2', 'a-claude-code-3']);
  });

  it('what two clients have in the same way is one server', () => {
    const value = { mcpServers: { a: { command: 'x', env: { A: '1', B: '2' } } } };
    const other = { mcpServers: { a: { command: 'x', env: { B: '2', A: '1' } }, b: { command: 'y' } } };
    const all = [...readFrom('claude-code', value).servers, ...readFrom('cursor', other).servers];
    expect(nameServers(all).map(({ name, alsoIn }) => [name, alsoIn])).toEqual([
      ['a', ['/p/cursor.json']],
      ['b', []],
    ]);
  });
});

test('everything is worked out before anything is written, and the diff shows no secret', () => {
  const { dir, write } = tempDir();
  write('.env', 'OLD_SECRET=canary-old\nPIN=x7y\nTOKEN="canary two\nlines"');
  write('.gitignore', 'node_modules\r\n');
  chmodSync(`${dir}/.env`, 0o600);
  const made = plan(dir, {
    a: { command: 'x', env: { TOKEN: 'canary-new', NEEDED: '${MINE}', MAY: '${YOURS:-}' } },
  });
  expect(made).toMatchObject({
    names: ['a'],
    moved: ['TOKEN_2'],
    needed: ['MINE'],
    clients: ['claude-code'],
    notes: [],
  });
  const diff = planDiff(made, dir);
  expect(diff).toMatch(/^\+TOKEN_2=\[redacted\]$/m);
  expect(diff).toContain("TOKEN: '${TOKEN_2}'");
  expect(diff).not.toMatch(/canary|x7y/);
  expect(readFileSync(`${dir}/.env`, 'utf8')).not.toContain('TOKEN_2');

  writeFiles(made.changes);
  expect(readFileSync(`${dir}/.env`, 'utf8')).toBe(
    'OLD_SECRET=canary-old\nPIN=x7y\nTOKEN="canary two\nlines"\n\n# Moved here by `mcp-supervisor init`.\nTOKEN_2=canary-new\n',
  );
  expect(readFileSync(`${dir}/.env.example`, 'utf8')).toMatch(/^MINE=\nYOURS=$/m);
  expect(readFileSync(`${dir}/.env.example`, 'utf8')).toMatch(/^TOKEN_2=$/m);
  expect(readFileSync(`${dir}/.gitignore`, 'utf8')).toBe(
    'node_modules\r\n\r\n# mcp-supervisor\r\n.env\r\n.mcp-supervisor/\r\n*.json.*.bak\r\nlogs/\r\n',
  );
  expect(readFileSync(`${dir}/ecosystem.config.ts`, 'utf8')).not.toContain('canary');
});

test('a new .env is private, an open one is named', () => {
  const { dir, write } = tempDir();
  writeFiles(plan(dir, { a: { command: 'x', env: { TOKEN: 'canary-x' } } }).changes);
  expect(statSync(`${dir}/.env`).mode & 0o777).toBe(0o600);
  write('open/.env', 'A=1\n');
  chmodSync(`${dir}/open/.env`, 0o644);
  const made = plan(`${dir}/open`, { a: { command: 'x', env: { TOKEN: 'canary-x' } } });
  expect(made.notes).toEqual([expect.stringContaining('chmod 600')]);
  writeFiles(made.changes);
  expect(statSync(`${dir}/open/.env`).mode & 0o777).toBe(0o644);
});

test('an .env that ends within a value is left alone', () => {
  const { dir, write } = tempDir();
  write('.env', 'A="never\n');
  expect(() => plan(dir, {})).toThrow(expect.objectContaining({ code: 'files.unusable' }));
});

test('a name that no config takes is left out of env, and said', () => {
  const { dir } = tempDir();
  const { notes, changes } = plan(dir, { a: { command: 'x', env: { 'a-b': '1', ok: '2' } } });
  expect(notes).toEqual(['a: these are no names for variables, and were left out: a-b']);
  expect(changes.at(-1)?.after).toContain("env: { ok: '2' }");
});

test('--sentry adds the preset, unless there is one', () => {
  const { dir } = tempDir();
  const text = (entries: Record<string, Record<string, unknown>>) =>
    plan(dir, entries, { sentry: true }).changes.at(-1)?.after ?? '';
  expect(text({})).toContain('sentry: sentry(),');
  expect(plan(dir, {}, { sentry: true }).needed).toEqual(['SENTRY_AUTH_TOKEN']);
  expect(text({ sentry: { command: 'x' } })).toContain("'sentry-preset': sentry(),");
  expect(text({ s: { command: 'npx', args: ['@sentry/mcp-server'] } }).match(/sentry\(/g)).toHaveLength(1);
});

describe('files that are there', () => {
  it('.gitignore gets what it lacks', () => {
    expect(ignoreText(null)).toBe('.env\n.mcp-supervisor/\n*.json.*.bak\nlogs/\n');
    expect(ignoreText('/.env\n.mcp-supervisor\n*.bak\nlogs/*')).toBeNull();
    expect(ignoreText('.env*\n')).toBe('.env*\n\n# mcp-supervisor\n.mcp-supervisor/\n*.json.*.bak\nlogs/\n');
  });

  it('.env.example gets names that it lacks, also as a comment', () => {
    expect(exampleText('A=\n# B=\n', ['A', 'B', 'C'])).toBe('A=\n# B=\n\nC=\n'.replace('\n\n', '\n'));
    expect(exampleText('A=\n', ['A'])).toBeNull();
    expect(appended('x', ['y'], null)).toBe('x\ny\n');
  });

  it('.vscode/tasks.json keeps its comments and tasks', () => {
    const text =
      '{\n  // mine\n  "version": "2.0.0",\n  "tasks": [\n    { "label": "Stop MCP Servers", "command": "x" }, // c\n  ],\n}\n';
    const after = tasksText(text, 'tasks.json');
    expect(after).toContain('// mine');
    expect(after).toContain('"command": "x" }, // c');
    const { tasks } = parse(after, [], { allowTrailingComma: true });
    expect(tasks.map(({ label }: { label: string }) => label)).toEqual([
      'Stop MCP Servers',
      'Start MCP Servers',
      'MCP Servers: Status',
      'MCP Servers: Logs',
    ]);
    expect(tasksText(after, 'tasks.json')).toBe(after);
    expect(parse(tasksText(null, 'x')).tasks).toHaveLength(4);
  });
});

test('where one file cannot be written, none is', () => {
  const { dir, write } = tempDir();
  write('a', 'old');
  write('blocked', 'a file where a folder is needed');
  const changes = [
    { path: `${dir}/a`, before: 'old', after: 'new' },
    { path: `${dir}/b`, before: null, after: 'new' },
    { path: `${dir}/blocked/c`, before: null, after: 'new' },
  ];
  expect(() => writeFiles(changes)).toThrow(/^Nothing was changed: /);
  expect(readFileSync(`${dir}/a`, 'utf8')).toBe('old');
  expect(statSync(`${dir}/b`, { throwIfNoEntry: false })).toBeUndefined();
});

test('where one file cannot take its place, those before it are put back', () => {
  const { dir, write } = tempDir();
  write('a', 'old');
  write('folder/file', '');
  const changes = [
    { path: `${dir}/a`, before: 'old', after: 'new' },
    { path: `${dir}/b`, before: null, after: 'new' },
    { path: `${dir}/folder`, before: null, after: 'new' },
  ];
  expect(() => writeFiles(changes)).toThrow(expect.objectContaining({ code: 'files.unusable' }));
  expect(readFileSync(`${dir}/a`, 'utf8')).toBe('old');
  expect(readdirSync(dir).toSorted()).toEqual(['a', 'folder']);
});
