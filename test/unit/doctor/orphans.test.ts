import { describe, expect, it } from 'vitest';
import { findOrphans } from '../../../src/doctor/orphans.ts';
import type { SeenProcess } from '../../../src/doctor/process-look.ts';
import { serverProgram } from '../../../src/doctor/server-programs.ts';

const ROOT = '/work/project';
const SCRIPT = `${ROOT}/server.mjs`;

const launch = (command: string, ...args: string[]) => ({ command, args, env: {}, cwd: ROOT });
const own = { ...serverProgram('own', launch('node', 'server.mjs', '--x'), ROOT), file: SCRIPT };
const everything = serverProgram('everything', launch('npx', '-y', '@mcp/everything', '--x'), ROOT);
const uvx = serverProgram('git', launch('uvx', 'mcp-server-git'), ROOT);

/** A process with the parent 1, born in session 20, whose leader and group are gone: its client has died. */
const seen = (more: Partial<SeenProcess> = {}): SeenProcess => ({
  pid: 100,
  parent: 1,
  group: 30,
  session: 20,
  startTime: '1',
  ageMs: 0,
  name: 'node',
  argv: ['node', 'server.mjs', '--x'],
  cwd: ROOT,
  files: [SCRIPT],
  project: ROOT,
  stdin: 'socket:[1]',
  ...more,
});
const init = seen({
  pid: 1,
  parent: 0,
  group: 1,
  session: 1,
  name: 'systemd',
  argv: ['/sbin/init'],
  files: [],
  project: null,
});

const found = (
  processes: SeenProcess[],
  more: { keepers?: number[]; groups?: number[]; spared?: number[] } = {},
) =>
  findOrphans([init, ...processes], {
    root: ROOT,
    programs: [own, everything, uvx],
    keepers: new Set(more.keepers),
    groups: new Set(more.groups),
    spared: new Set(more.spared),
  }).map(({ seen: { pid }, server }) => `${server} ${pid}`);

describe('an orphan', () => {
  it.each<[string, Partial<SeenProcess>, string]>([
    ['its client has died', {}, 'own'],
    ['other arguments, the same script', { argv: ['node', 'server.mjs'] }, 'own'],
    ['from elsewhere, but the script is ours', { cwd: '/', project: null }, 'own'],
    [
      'a package that npx runs',
      { files: ['/h/.npm/_npx/1/node_modules/@mcp/everything/dist/index.js'], argv: ['node', 'x'] },
      'everything',
    ],
    ['the very command line', { files: [], argv: ['/usr/bin/uvx', 'mcp-server-git'] }, 'git'],
    [
      'an interpreter before it',
      { files: [], argv: ['/usr/bin/python3', '/b/uvx', 'mcp-server-git'] },
      'git',
    ],
    ['detached, and with a pipe', { session: 100, group: 100, stdin: 'pipe:[1]' }, 'own'],
  ])('%s', (_, more, server) => expect(found([seen(more)])).toEqual([`${server} 100`]));

  it('taken in by a reaper other than process 1', () => {
    const reaper = seen({ pid: 50, name: 'anything', session: 50, argv: ['x'], files: [], stdin: '' });
    expect(found([reaper, seen({ parent: 50 })])).toEqual(['own 100']);
  });

  it('with a wrapper that has lost the client, too', () => {
    const shell = seen({ pid: 50, argv: ['sh', '-c', 'everything'], files: [] });
    const npm = seen({ pid: 40, argv: ['npm exec @mcp/everything'], name: 'npm exec', files: [] });
    expect(found([npm, { ...shell, parent: 40 }, seen({ parent: 50 })])).toEqual(['own 100']);
  });
});

describe('no orphan', () => {
  const client = seen({
    pid: 50,
    parent: 1,
    argv: ['editor'],
    name: 'editor',
    files: [],
    stdin: '/dev/null',
  });

  it.each<[string, Partial<SeenProcess>]>([
    ['of another project', { project: '/work/other' }],
    ['of a project inside this one', { project: `${ROOT}/nested` }],
    ['the command line alone, from elsewhere', { project: null, files: [], cwd: '/' }],
    ['another program', { argv: ['node', 'other.mjs'], files: [`${ROOT}/other.mjs`] }],
    ['at a terminal', { stdin: '/dev/pts/0' }],
    ['a service, without stdin', { stdin: '/dev/null' }],
    ['a service with a socket', { session: 100, group: 100 }],
    ['of a client in another container', { parent: 0 }],
    ['of a client of another user', { parent: 77 }],
    ['an editor that has it open', { argv: ['vim', 'uvx', 'mcp-server-git'], files: [] }],
  ])('%s', (_, more) => expect(found([seen(more)])).toEqual([]));

  it('its client lives, also behind wrappers', () => {
    expect(found([client, seen({ parent: 50 })])).toEqual([]);
    const shell = seen({ pid: 60, parent: 50, argv: ['sh', '-c', 'x'], files: [] });
    expect(found([client, shell, seen({ parent: 60 })])).toEqual([]);
    expect(found([client, seen({ parent: 50, session: 100, group: 100, stdin: 'pipe:[1]' })])).toEqual([]);
  });

  it('process 1 is the client, in a container', () => {
    const one = seen({
      pid: 1,
      parent: 0,
      group: 1,
      session: 1,
      name: 'editor',
      argv: ['editor'],
      files: [],
    });
    const context = {
      root: ROOT,
      programs: [own],
      keepers: new Set([]),
      groups: new Set([]),
      spared: new Set([]),
    };
    expect(findOrphans([one, seen({ group: 1, session: 1 })], context)).toEqual([]);
  });

  it('below a runner of ours, in a group of ours, or what has started us', () => {
    expect(found([client, seen({ parent: 50, session: 9 })], { keepers: [50] })).toEqual([]);
    expect(found([seen()], { groups: [30] })).toEqual([]);
    expect(found([seen()], { spared: [100] })).toEqual([]);
  });
});

describe('serverProgram', () => {
  it.each([
    ['node', ['-e', 'code'], null],
    ['python3', ['-m', 'mcp_server'], null],
    ['npm', ['run', 'mcp'], null],
    ['/usr/bin/docker', ['run', 'x'], null],
  ])('%s %j has no file that tells it from others', (command, args, file) =>
    expect(serverProgram('x', launch(command, ...args), ROOT).file).toBe(file),
  );

  it('a tool that runs scripts is told by the script', () => {
    expect(serverProgram('x', launch('node', 'node_modules/tsx/cli.mjs', 'src/a.ts'), ROOT).subject).toBe(
      'src/a.ts',
    );
  });
});
