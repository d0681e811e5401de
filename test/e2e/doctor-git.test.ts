import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { examined, git } from '../support/doctor.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const servers = { tiny: fixtureServer(fixture('tiny')) };
const SECRET = 'sntryu_doctor_0a1b2c3d4e5f60718293';
const env = `SENTRY_AUTH_TOKEN=${SECRET}\n`;

/** A project in a repository of its own, with an `.env` that is as it should be but for git. */
function repository(): TestProject {
  const project = new TestProject({ servers, env });
  git(project.dir, 'init', '-q');
  return project;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('a project that is as it should be: all ok, exit 0, and nothing is made or changed', async () => {
  await using project = repository();
  project.write('.gitignore', '.env\n');
  const before = readdirSync(project.dir);
  const { code, wrong, one } = await examined(project);
  expect({ code, wrong }).toEqual({ code: 0, wrong: {} });
  expect(one('env-file.git:.env').title).toContain('is ignored by git');
  expect(one('config.loads').detail).toBe('tiny');
  expect(await examined(project, '--fix')).toMatchObject({ code: 0, wrong: {} });
  expect(readdirSync(project.dir)).toEqual(before);
});

test('--fix closes files and ignores them, whatever they are called; a second time it has nothing to do', async () => {
  await using project = repository();
  const names = ['.env', 'my env', '!odd [name] #1', ':(glob)*', 'line\nbreak'];
  const envFiles = [...names, 'sub/dir/.env'];
  mkdirSync(project.path('sub/dir'), { recursive: true });
  for (const name of envFiles) {
    writeFileSync(project.path(name), env);
    chmodSync(project.path(name), 0o644);
  }
  project.write('ecosystem.config.json', JSON.stringify({ envFiles, gateway: { port: 0 }, servers }));
  // For a name that is taken for a pattern.
  commit(project.dir, 'add', 'ecosystem.config.json');

  const first = await examined(project);
  expect(first.code).toBe(0);
  for (const name of envFiles) {
    expect(first.one(`env-file.mode:${name}`)).toMatchObject({
      status: 'warning',
      hint: expect.stringContaining('chmod 600'),
    });
    expect(first.one(`env-file.git:${name}`).status).toBe('warning');
    expect(modeOf(project.path(name))).toBe(0o644);
  }
  expect(readdirSync(project.dir)).not.toContain('.gitignore');

  const fixed = await examined(project, '--fix');
  expect(fixed.one('env-file.git:line\nbreak').status).toBe('warning');
  for (const name of envFiles) {
    expect(fixed.one(`env-file.mode:${name}`).status).toBe('fixed');
    expect(modeOf(project.path(name))).toBe(0o600);
    if (name.includes('\n')) continue;
    expect(fixed.one(`env-file.git:${name}`).status).toBe('fixed');
  }
  const ignored = project.read('.gitignore');
  expect(git(project.dir, 'status', '--porcelain', '-z', '-uall').split('\0').sort()).toEqual(
    ['', '?? .gitignore', '?? line\nbreak'].sort(),
  );

  const again = await examined(project, '--fix');
  expect(again.wrong).toEqual({ 'env-file.git:line\nbreak': 'warning' });
  expect(project.read('.gitignore')).toBe(ignored);
});

test.each([
  ['nothing', '', '.env\n'],
  ['no newline at its end', 'dist', 'dist\n\n.env\n'],
  ['CRLF', 'dist\r\n', 'dist\r\n\r\n.env\r\n'],
  ['CRLF, no newline at its end', 'dist\r\na', 'dist\r\na\r\n\r\n.env\r\n'],
  ['a blank line at its end', 'dist\n\n', 'dist\n\n.env\n'],
  ['a line that took it back', '.env*\n!.env\n', '.env*\n!.env\n\n.env\n'],
  ['bytes that are no UTF-8', 'd\u00e4\n', 'd\u00e4\n\n.env\n'],
])('a .gitignore with %s keeps what it has', async (_, before, after) => {
  await using project = repository();
  writeFileSync(project.path('.gitignore'), before, 'latin1');
  expect((await examined(project, '--fix')).one('env-file.git:.env').status).toBe('fixed');
  expect(readFileSync(project.path('.gitignore'), 'latin1')).toBe(after);
  expect((await examined(project, '--fix')).one('env-file.git:.env').status).toBe('ok');
});

test('a .gitignore that is no file of ours to write is left alone, and that is said', async () => {
  await using project = repository();
  const elsewhere = join(project.home, 'shared');
  writeFileSync(elsewhere, 'theirs\n');
  symlinkSync(elsewhere, project.path('.gitignore'));
  expect((await examined(project, '--fix')).one('env-file.git:.env')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('--fix could not do it'),
  });
  expect(readFileSync(elsewhere, 'utf8')).toBe('theirs\n');

  rmSync(project.path('.gitignore'));
  const utf16 = Buffer.from('\ufeff.env\r\n', 'utf16le');
  writeFileSync(project.path('.gitignore'), utf16);
  expect((await examined(project, '--fix')).one('env-file.git:.env').detail).toContain('not UTF-8');
  expect(readFileSync(project.path('.gitignore'))).toEqual(utf16);

  rmSync(project.path('.gitignore'));
  mkdirSync(project.path('.gitignore'));
  expect((await examined(project, '--fix')).one('env-file.git:.env').status).toBe('warning');
});

test('staged in a repository without commits: an error', async () => {
  await using project = repository();
  git(project.dir, 'add', '.env');
  project.write('.gitignore', '.env\n');
  const { code, one } = await examined(project, '--fix');
  expect(code).toBe(1);
  expect(one('env-file.git:.env')).toMatchObject({ status: 'error', title: '.env is tracked by git' });
});

test.each<[string, (dir: string) => void]>([
  ['deleted since', (dir) => commit(dir, 'rm', '-q', '--cached', '.env')],
  [
    'on another branch',
    (dir) => {
      git(dir, 'checkout', '-q', '--orphan', 'other');
      commit(dir, 'rm', '-q', '--cached', '.env');
    },
  ],
  [
    'in a tag only',
    (dir) => {
      git(dir, 'tag', 'v1');
      git(dir, 'update-ref', '-d', 'refs/heads/main');
      git(dir, 'rm', '-q', '--cached', '-r', '.');
    },
  ],
])('in the history (%s): an error that says to make new tokens, and how to purge', async (_, after) => {
  await using project = repository();
  commit(project.dir, 'add', '.env');
  after(project.dir);
  project.write('.gitignore', '.env\n');
  const { code, wrong, one } = await examined(project);
  expect({ code, wrong }).toEqual({ code: 1, wrong: { 'env-file.history:.env': 'error' } });
  const { detail, hint } = one('env-file.history:.env');
  expect(detail).toMatch(/^Commit [0-9a-f]{7,} has it/);
  expect(hint).toMatch(/new tokens[\s\S]*git filter-repo --invert-paths --path \.env /);
});

function commit(dir: string, ...args: readonly string[]): void {
  git(dir, ...args);
  git(dir, 'commit', '-q', '-m', 'c', '--allow-empty');
}

test('a merge that adds it by itself is found, too', async () => {
  await using project = repository();
  commit(project.dir, 'add', 'ecosystem.config.json');
  git(project.dir, 'checkout', '-q', '-b', 'side');
  commit(project.dir, 'status');
  git(project.dir, 'checkout', '-q', 'main');
  commit(project.dir, 'status');
  git(project.dir, 'merge', '-q', '--no-commit', '--no-ff', 'side');
  commit(project.dir, 'add', '-f', '.env');
  commit(project.dir, 'rm', '-q', '--cached', '.env');
  project.write('.gitignore', '.env\n');
  expect((await examined(project)).one('env-file.history:.env').status).toBe('error');
});

test('a symlink: the file behind it counts; one outside of the project is not touched', async () => {
  await using project = repository();
  const outside = join(project.home, 'team.env');
  writeFileSync(outside, env, { mode: 0o644 });
  rmSync(project.path('.env'));
  symlinkSync(outside, project.path('.env'));
  const far = await examined(project, '--fix');
  expect(far.one('env-file.mode:.env')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining(outside),
  });
  expect(far.one('env-file.git:.env')).toMatchObject({ status: 'ok', title: '.env is in no git repository' });
  expect(modeOf(outside)).toBe(0o644);

  mkdirSync(project.path('secrets'));
  writeFileSync(project.path('secrets/dev.env'), env, { mode: 0o644 });
  rmSync(project.path('.env'));
  symlinkSync('secrets/dev.env', project.path('.env'));
  // What is committed is where it leads, which is no secret.
  commit(project.dir, 'add', '-f', '.env');
  const near = await examined(project, '--fix');
  expect(near.wrong).toEqual({ 'env-file.mode:.env': 'fixed', 'env-file.git:.env': 'fixed' });
  expect(modeOf(project.path('secrets/dev.env'))).toBe(0o600);
  expect(project.read('.gitignore')).toBe('/secrets/dev.env\n');
  expect((await examined(project)).wrong).toEqual({});
});

test('a file that was committed, and is a symlink now', async () => {
  await using project = repository();
  commit(project.dir, 'add', '.env');
  rmSync(project.path('.env'));
  writeFileSync(join(project.home, 'e'), env, { mode: 0o600 });
  symlinkSync(join(project.home, 'e'), project.path('.env'));
  commit(project.dir, 'add', '.env');
  expect((await examined(project)).wrong).toEqual({ 'env-file.history:.env': 'error' });
});

test('a worktree shares the history of its repository, and a submodule has its own', async () => {
  await using project = new TestProject({ below: 'main/sub/tree' });
  const main = join(project.dir, '../..');
  git(main, 'init', '-q');
  writeFileSync(join(main, '.env'), env);
  commit(main, 'add', '.env');
  commit(main, 'rm', '-q', '--cached', '.env');
  rmSync(project.dir, { recursive: true });
  git(main, 'worktree', 'add', '-q', project.dir);
  project.write('.env', env);
  project.configure(servers);
  const tree = await examined(project, '--fix');
  expect(tree.wrong).toEqual({ 'env-file.git:.env': 'fixed', 'env-file.history:.env': 'error' });
  git(main, 'worktree', 'remove', '--force', project.dir);

  const origin = join(project.home, 'origin');
  mkdirSync(origin);
  git(origin, 'init', '-q');
  commit(origin, 'status');
  git(main, 'submodule', '--quiet', 'add', origin, 'sub/tree');
  project.write('.env', env);
  project.configure(servers);
  const submodule = await examined(project, '--fix');
  expect(submodule.wrong).toEqual({ 'env-file.git:.env': 'fixed' });
  expect(project.read('.gitignore')).toBe('.env\n');
});

test('no repository, no git, a repository of somebody else: said, and no error', async () => {
  await using bare = new TestProject({ servers, env });
  expect((await examined(bare)).one('env-file.git:.env').title).toBe('.env is in no git repository');

  await using without = new TestProject({ servers, env, shell: { PATH: '/nonexistent' } });
  const { code, one } = await examined(without);
  expect(code).toBe(0);
  expect(one('env-file.git:.env')).toMatchObject({ status: 'ok', detail: 'git is not installed' });
});

test('the environment of a git hook does not lead to another repository', async () => {
  await using other = repository();
  await using project = new TestProject({
    servers,
    env,
    shell: {
      GIT_DIR: other.path('.git'),
      GIT_WORK_TREE: other.dir,
      GIT_INDEX_FILE: other.path('.git/index'),
    },
  });
  expect((await examined(project)).one('env-file.git:.env').title).toBe('.env is in no git repository');
});

test('our own folders: closed, ignored, and not in git', async () => {
  await using project = repository();
  project.write('.gitignore', '.env\n');
  mkdirSync(project.path('logs'), { mode: 0o755 });
  writeFileSync(project.path('logs/tiny.log'), '', { mode: 0o644 });
  mkdirSync(project.path('.mcp-supervisor'), { mode: 0o755 });
  writeFileSync(project.path('.mcp-supervisor/token'), 'canary-token-of-the-gateway', { mode: 0o600 });
  const fixed = await examined(project, '--fix');
  expect(fixed.wrong).toEqual({
    'state.mode': 'fixed',
    'state.git': 'fixed',
    'logs.mode': 'fixed',
    'logs.mode:tiny.log': 'fixed',
    'logs.git': 'fixed',
  });
  expect(modeOf(project.path('.mcp-supervisor'))).toBe(0o700);
  expect(modeOf(project.path('logs'))).toBe(0o700);
  expect(modeOf(project.path('logs/tiny.log'))).toBe(0o600);
  expect(project.read('.gitignore')).toBe('.env\n\n.mcp-supervisor/\n\nlogs/*.log*\n');
  expect((await examined(project, '--fix')).wrong).toEqual({});

  commit(project.dir, 'add', '-f', '.mcp-supervisor/token');
  const tracked = await examined(project);
  expect(tracked.code).toBe(1);
  expect(tracked.wrong).toEqual({ 'state.git': 'error', 'state.history': 'error' });
});
