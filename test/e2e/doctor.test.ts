import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { examined, git } from '../support/doctor.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const servers = { tiny: fixtureServer(fixture('tiny')) };
const TOKEN = 'sntryu_doctor_0a1b2c3d4e5f60718293';
const KEY = 'canary-Zk39Qw2xLm47';
const env = `SENTRY_AUTH_TOKEN=${TOKEN}\nOWN_KEY=${KEY}\nMODE=production\n`;

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test('tokens in the files of clients are named by file, line and key; also in broken ones', async () => {
  await using project = new TestProject({ servers, env });
  put(
    project.path('.mcp.json'),
    `{"mcpServers": {\n "a": {"env": {"SENTRY_ACCESS_TOKEN": "${TOKEN}" // broken`,
  );
  put(project.path('.codex/config.toml'), `[mcp_servers.a.env]\nOWN_KEY = "${KEY}"\nMODE = "production"\n[[`);
  put(project.path('.vscode/mcp.json'), `{"args": ["--access-token=sntrys_another_eyJpYXQiOjE3MD"]}`);
  put(project.path('.cursor/mcp.json'), '{"headers": {"Authorization": "Bearer ${env:T}"}}');
  put(
    project.path('.gemini/settings.json'),
    '{"env": {"T": "sntryu_xxxxxxxxxxxxxxxx", "MODE": "production"}}',
  );
  put(project.path('.env.example'), `SENTRY_AUTH_TOKEN=${TOKEN}\n`);
  put(
    join(project.home, '.config/Claude/claude_desktop_config.json'),
    JSON.stringify({ env: { K: KEY } }, null, 1),
  );
  put(
    join(project.home, '.codeium/windsurf/mcp_config.json'),
    `{"k": "${Buffer.from(TOKEN).toString('base64')}"}`,
  );

  const { code, wrong, one } = await examined(project);
  expect(code).toBe(0);
  const home = (name: string) => `pasted:${join(project.home, name)}`;
  expect(wrong).toEqual({
    'pasted:.mcp.json': 'warning',
    'pasted:.codex/config.toml': 'warning',
    'pasted:.vscode/mcp.json': 'warning',
    'pasted:.env.example': 'warning',
    [home('.config/Claude/claude_desktop_config.json')]: 'warning',
    [home('.codeium/windsurf/mcp_config.json')]: 'warning',
  });
  expect(one('pasted:.mcp.json').detail).toBe(
    'Line 2, key SENTRY_ACCESS_TOKEN: the value of SENTRY_AUTH_TOKEN in .env.',
  );
  expect(one('pasted:.codex/config.toml').detail).toBe('Line 2, key OWN_KEY: the value of OWN_KEY in .env.');
  expect(one('pasted:.vscode/mcp.json').detail).toBe('Line 1, key access-token: a Sentry token.');
  // Disposing looks for the values in this output, too.
  await project.cli('doctor');
});

test('one that git tracks is an error; the gateway’s own token counts only where others may get it', async () => {
  await using project = new TestProject({ servers, env });
  git(project.dir, 'init', '-q');
  put(project.path('.mcp-supervisor/token'), 'canary-gateway-0a1b2c3d\n');
  const entry = '{"headers": {"Authorization": "Bearer canary-gateway-0a1b2c3d"}}';
  put(join(project.home, '.cursor/mcp.json'), entry);
  put(project.path('.gitignore'), '.env\n.mcp-supervisor/\n.vscode/\n');
  put(project.path('.vscode/mcp.json'), entry);
  put(project.path('.mcp.json'), `{"T": "${TOKEN}"}`);
  put(project.path('.cursor/mcp.json'), entry);
  git(project.dir, 'add', '.mcp.json');
  const { code, wrong, one } = await examined(project);
  expect(code).toBe(1);
  const { 'state.mode': _, 'state.mode:token': __, ...rest } = wrong;
  expect(rest).toEqual({ 'pasted:.mcp.json': 'error', 'pasted:.cursor/mcp.json': 'warning' });
  expect(one('pasted:.mcp.json').detail).toContain('tracked by git');
  expect(one('pasted:.cursor/mcp.json').detail).toContain('the gateway’s token');
});

test('a client’s file may be huge, endless, a folder, a pipe or a circle of links', async () => {
  await using project = new TestProject({ servers, env });
  const huge = join(project.home, '.claude.json');
  put(huge, `{"mcpServers": {"a": {"env": {"T": "${TOKEN}"}}},\n`);
  // Sparse: takes no space on the disk.
  truncateSync(huge, 20 * 1024 ** 3);
  mkdirSync(project.path('.mcp.json'));
  mkdirSync(project.path('.cursor'));
  symlinkSync('/dev/zero', project.path('.cursor/mcp.json'));
  mkdirSync(project.path('.vscode'));
  symlinkSync('mcp.json', project.path('.vscode/mcp.json'));
  const { code, wrong, one } = await examined(project);
  expect({ code, wrong }).toEqual({ code: 0, wrong: { [`pasted:${huge}`]: 'warning' } });
  expect(one(`pasted.unread:${huge}`).detail).toContain('first 8 MB');
  expect(one('pasted.unread:.mcp.json').status).toBe('ok');
  expect(one('pasted.unread:/dev/zero').detail).toBe('It is no file.');
});

test('a config that cannot be used: its problems, and everything else is looked at all the same', async () => {
  await using project = new TestProject({ env });
  project.write('ecosystem.config.json', '{"servers": {"a": {"comand": "x"}, "b": {"command": 3}}}');
  put(project.path('.env.local'), `T=${KEY}\n`);
  put(project.path('.env.example'), 'T=\n');
  put(project.path('.mcp.json'), `{"k": "${KEY}"}`);
  const { code, wrong, one, findings } = await examined(project, '--fix');
  expect(code).toBe(1);
  // It says which port to look at; who holds another one is nobody's business.
  expect(findings.map(({ id }) => id)).not.toContain('gateway.port');
  expect(wrong).toEqual({
    'config.loads': 'error',
    'env-file.mode:.env.local': 'fixed',
    'pasted:.mcp.json': 'warning',
  });
  expect(one('config.loads').detail).toMatch(/servers\.a\.comand[\s\S]*servers\.b\.command/);

  project.write('ecosystem.config.json', `{"servers": {"a": "${TOKEN}`);
  expect((await examined(project)).one('config.loads').detail).toContain('cannot be loaded');
  project.configure({});
});

test('what cannot be looked at is an error of its own, and hides nothing else', async () => {
  await using project = new TestProject({ servers, env });
  mkdirSync(project.path('.mcp-supervisor/supervisor.json'), { recursive: true, mode: 0o700 });
  const { code, wrong, one } = await examined(project);
  expect(code).toBe(1);
  expect(wrong).toEqual({ 'doctor:runtime': 'error' });
  expect(one('env-file.mode:.env').status).toBe('ok');
  rmSync(project.path('.mcp-supervisor'), { recursive: true });
});

test.each<[string, (path: string) => void, string]>([
  ['a folder', (path) => mkdirSync(path), 'is a folder and no file'],
  ['a symlink to nothing', (path) => symlinkSync('nothing', path), 'is a symlink to nothing'],
  ['a symlink to itself', (path) => symlinkSync('.env', path), 'cannot be used'],
  ['endless', (path) => symlinkSync('/dev/zero', path), 'is no regular file'],
  ['half-written', (path) => put(path, 'A="b'), 'quote on line 1'],
])('an .env that is %s is an error', async (_, make, text) => {
  await using project = new TestProject({ servers });
  try {
    make(project.path('.env'));
    const { code, one } = await examined(project, '--fix');
    expect(code).toBe(1);
    const title = expect.stringContaining(text);
    expect(one('env-file.usable:.env')).toMatchObject({ status: 'error', title });
  } finally {
    // Disposing reads every env file.
    rmSync(project.path('.env'), { recursive: true });
  }
});

test('commands: found as the server would find them, not found, not executable; npx that is cold', async () => {
  await using project = new TestProject({
    servers: {
      ...servers,
      own: { command: './bin/server' },
      dull: { command: './bin/dull' },
      gone: { command: 'no-such-${WHERE:-program}' },
      lost: { command: 'node', cwd: 'nowhere' },
      path: { command: 'server', env: { PATH: 'bin' } },
      cold: { command: 'npx', args: ['-y', 'some-mcp@1.2.3'] },
      latest: { command: 'npx', args: ['-y', '@some/mcp@latest'] },
      needs: { command: 'node', args: ['${NO_SUCH_VARIABLE}'] },
    },
  });
  put(project.path('bin/dull'), '');
  put(project.path('bin/server'), '#!/bin/sh\n');
  chmodSync(project.path('bin/server'), 0o755);
  const { code, wrong, one } = await examined(project);
  expect(code).toBe(1);
  expect(wrong).toEqual({
    'env-file.usable:.env': 'warning',
    'command.found:dull': 'error',
    'command.found:gone': 'error',
    'command.found:lost': 'error',
    'command.npx:cold': 'warning',
    'command.npx:latest': 'warning',
  });
  expect(one('env-file.usable:.env').detail).toContain('needs');
  expect(one('command.npx:cold').hint).toBe('npm i -D some-mcp@1.2.3');
  expect(one('command.npx:latest').hint).toMatch(/^npm i -D @some\/mcp Then/);
});

test('for people: a line for each, what to do about it, and how many', async () => {
  await using project = new TestProject({ servers: { gone: { command: 'no-such-program' } } });
  const { code, stdout } = await project.cli('doctor');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok {6}Node \d+\.\d+\.\d+, mcp-supervisor /);
  expect(stdout).toContain(
    'error   gone: the command no-such-program was not found\n  It is in no folder of PATH.\n  → Install it, or correct servers.gone.command.\n',
  );
  expect(stdout).toMatch(/\n\n1 error, 0 warnings, \d+ ok\.\n$/);
});
