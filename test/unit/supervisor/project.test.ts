import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SupervisorError } from '../../../src/errors.ts';
import { locateProject, logFile, type Project, prepareProject } from '../../../src/supervisor/project.ts';
import { tempDir } from '../../support/temp-dir.ts';

const LONG = 'a-folder-with-a-long-name/'.repeat(5);
const MAX_SOCKET_BYTES = 100;

const socketsOf = ({ adminSocket, runnerSocket, gatewaySocket, pm2 }: Project) => [
  adminSocket,
  runnerSocket,
  gatewaySocket,
  ...['rpc', 'pub', 'agent'].map((name) => join(pm2.socketDir, `${name}.sock`)),
];

afterEach(() => void vi.unstubAllEnvs());

describe('locateProject', () => {
  it('keeps everything of a project in its folder', () => {
    const project = locateProject({ configFile: '/p/ecosystem.config.ts' });
    expect(project).toMatchObject({
      root: '/p',
      configFile: '/p/ecosystem.config.ts',
      stateDir: '/p/.mcp-supervisor',
      logsDir: '/p/logs',
      socketDir: '/p/.mcp-supervisor/run',
      pm2: { dir: '/p/.mcp-supervisor/pm2', socketDir: '/p/.mcp-supervisor/run' },
    });
    expect(logFile(project, 'mail')).toBe('/p/logs/mail.log');
  });

  it.skipIf(process.platform === 'win32')('makes no socket path that a system would cut off', () => {
    const folder = fc.string({ unit: fc.constantFrom('a', 'ü', '🙂', '/b'), maxLength: 150 });
    fc.assert(
      fc.property(folder, fc.option(folder), fc.option(folder), (root, runtimeDir, temp) => {
        vi.stubEnv('TMPDIR', temp === null ? undefined : `/${temp}`);
        const options = runtimeDir === null ? {} : { runtimeDir: `/${runtimeDir}` };
        const sockets = socketsOf(locateProject({ configFile: `/${root}/x.ts`, ...options }));
        for (const socket of sockets) expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(MAX_SOCKET_BYTES);
        expect(new Set(sockets).size).toBe(sockets.length);
      }),
    );
  });

  it.skipIf(process.platform === 'win32')('moves the sockets only where they would be too long', () => {
    for (let length = 1; length <= 120; length++) {
      const root = `/${'a'.repeat(length)}`;
      const { gatewaySocket, socketDir } = locateProject({ configFile: `${root}/x.ts` });
      const near = `${root}/.mcp-supervisor/run`;
      expect(socketDir === near).toBe(`${near}/gateway.sock`.length <= MAX_SOCKET_BYTES);
      expect(gatewaySocket.length).toBeLessThanOrEqual(MAX_SOCKET_BYTES);
    }
  });

  it('moves the sockets of a long path to the runtime folder, else to the temp one', () => {
    const configFile = `/${LONG}x.ts`;
    const inRuntime = locateProject({ configFile, runtimeDir: '/run/user/7' });
    expect(inRuntime.socketDir).toMatch(/^\/run\/user\/7\/mcps-[0-9a-f]{12}$/);
    expect(inRuntime.stateDir).toBe(`/${LONG}.mcp-supervisor`);
    vi.stubEnv('TMPDIR', '/t');
    for (const runtimeDir of [undefined, '', `/${LONG}`]) {
      expect(locateProject({ configFile, runtimeDir }).socketDir).toMatch(/^\/t\/mcps-/);
    }
    vi.stubEnv('TMPDIR', `/${LONG}`);
    expect(locateProject({ configFile }).socketDir).toMatch(/^\/tmp\/mcps-/);
  });

  it('tells projects apart', () => {
    const dirs = ['a', 'b'].map(
      (name) => locateProject({ configFile: `/${LONG}${name}/x.ts`, runtimeDir: '/r' }).socketDir,
    );
    expect(new Set(dirs).size).toBe(2);
  });
});

describe('a project with a long path', () => {
  function longProject() {
    const { dir, path } = tempDir();
    const root = path(`p/${LONG}`);
    mkdirSync(root, { recursive: true });
    for (const name of ['runtime', 'other']) mkdirSync(path(name));
    const locate = (runtimeDir?: string, configFile = join(root, 'x.ts')) =>
      locateProject({ configFile, runtimeDir });
    return { dir, path, root, locate };
  }

  it('is found by callers whose environment differs, and by ones who have none', () => {
    const { path, locate } = longProject();
    const first = locate(path('runtime'));
    expect(dirname(first.socketDir)).toBe(path('runtime'));
    prepareProject(first);
    expect(locate(path('other'))).toEqual(first);
    expect(locate()).toEqual(first);
    prepareProject(locate(path('other')));
    expect(locate()).toEqual(first);
  });

  it('moves on when the folder is gone, as a runtime folder is after a logout', () => {
    const { path, locate } = longProject();
    prepareProject(locate(path('runtime')));
    rmSync(path('runtime'), { recursive: true });
    const moved = locate(path('other'));
    expect(dirname(moved.socketDir)).toBe(path('other'));
    prepareProject(moved);
    expect(locate()).toEqual(moved);
  });

  it('that is copied is another project', () => {
    const { path, root, locate } = longProject();
    const first = locate(path('runtime'));
    prepareProject(first);
    cpSync(root, path(`q/${LONG}`), { recursive: true });
    expect(locate(path('runtime'), path(`q/${LONG}x.ts`)).socketDir).not.toBe(first.socketDir);
  });
});

describe('prepareProject', () => {
  const inFolder = (dir: string) => locateProject({ configFile: join(dir, 'x.ts') });
  const mode = (path: string) => statSync(path).mode & 0o777;

  it.skipIf(process.platform === 'win32')(
    'makes folders that are closed to others, and closes open ones',
    () => {
      const { dir } = tempDir();
      const umask = process.umask(0);
      onTestFinished(() => void process.umask(umask));
      const project = inFolder(dir);
      prepareProject(project);
      const folders = [project.stateDir, project.socketDir, join(project.stateDir, 'groups')];
      for (const folder of folders) expect(mode(folder)).toBe(0o700);
      expect(statSync(project.logsDir).isDirectory()).toBe(true);
      for (const folder of folders) chmodSync(folder, 0o777);
      prepareProject(project);
      for (const folder of folders) expect(mode(folder)).toBe(0o700);
    },
  );

  it.skipIf(process.platform === 'win32')('uses nothing that somebody else could have put there', () => {
    const { dir, path } = tempDir();
    const project = inFolder(dir);
    mkdirSync(path('elsewhere'));
    symlinkSync('elsewhere', project.stateDir);
    const refused = () => {
      try {
        prepareProject(project);
      } catch (error) {
        if (error instanceof SupervisorError) return error.code;
        throw error;
      }
      return null;
    };
    expect(refused()).toBe('files.unsafe');
    expect(lstatSync(project.stateDir).isSymbolicLink()).toBe(true);
    rmSync(project.stateDir);
    expect(refused()).toBeNull();
  });

  it('leaves what is there', () => {
    const { dir } = tempDir();
    const project = inFolder(dir);
    prepareProject(project);
    writeFileSync(join(project.stateDir, 'state.json'), '{}');
    prepareProject(project);
    expect(statSync(join(project.stateDir, 'state.json')).size).toBe(2);
  });

  it('keeps state and logs from git, but for a logs folder that is the user’s own', () => {
    const { dir, path } = tempDir();
    prepareProject(inFolder(dir));
    expect(readFileSync(path('.mcp-supervisor/.gitignore'), 'utf8')).toBe('*\n');
    expect(readFileSync(path('logs/.gitignore'), 'utf8')).toBe('*\n');
    mkdirSync(path('other/logs'), { recursive: true });
    prepareProject(inFolder(path('other')));
    expect(existsSync(path('other/logs/.gitignore'))).toBe(false);
  });
});
