import { describe, expect, it } from 'vitest';
import type { EnvFileFacts } from '../../../src/doctor/env-file-look.ts';
import { judgeEnvFile } from '../../../src/doctor/env-file-verdict.ts';
import type { Diagnosis } from '../../../src/doctor/finding.ts';
import { newestFile } from '../../../src/doctor/git.ts';
import { NOTHING_RUNS } from '../../../src/doctor/runtime-look.ts';
import { judgeRuntime } from '../../../src/doctor/runtime-verdict.ts';
import { judgeVersions } from '../../../src/doctor/versions.ts';

const statuses = (diagnoses: readonly Diagnosis[]) =>
  Object.fromEntries(diagnoses.map(({ finding: { id, status } }) => [id, status]));

describe('versions', () => {
  const base = {
    node: '20.19.0',
    execPath: '/node',
    own: '1.0.0',
    pm2: '7.0.4',
    pm2Root: '/pm2',
    daemonPm2: null,
  };
  it.each([
    ['20.19.0', 'ok'],
    ['20.20.2', 'ok'],
    ['22.0.0', 'ok'],
    ['24.1.0-nightly2', 'ok'],
    ['20.18.3', 'error'],
    ['18.99.0', 'error'],
  ])('Node %s: %s', (node, status) =>
    expect(statuses(judgeVersions({ ...base, node }))['node.version']).toBe(status),
  );

  it('a daemon of another pm2', () => {
    expect(statuses(judgeVersions({ ...base, daemonPm2: '7.0.4' }))['pm2.version']).toBe('ok');
    expect(statuses(judgeVersions({ ...base, daemonPm2: '6.0.0' }))['pm2.version']).toBe('warning');
  });
});

describe('an env file', () => {
  const facts: EnvFileFacts = {
    name: '.env',
    kind: 'file',
    realPath: '/p/.env',
    isLink: false,
    isOutside: false,
    mode: 0o600,
    uid: 1000,
    reading: { kind: 'ok', values: { A: 'b' }, ignoredLines: [] },
    git: { kind: 'repository', top: '/p', ignored: true, tracked: [], commit: null, unsure: null },
    pastCommits: [],
  };
  const context = { root: '/p', uid: 1000, lacking: [] };
  const mode = (more: object) =>
    judgeEnvFile({ ...facts, ...more } as EnvFileFacts, context).find(
      ({ finding }) => finding.id === 'env-file.mode:.env',
    );

  it.each([
    [{ mode: 0o600 }, 'ok', null],
    [{ mode: 0o400 }, 'ok', null],
    [{ mode: 0o640 }, 'warning', 'chmod'],
    [{ mode: 0o644 }, 'warning', 'chmod'],
    [{ mode: 0o660 }, 'error', 'chmod'],
    [{ mode: 0o602 }, 'error', 'chmod'],
    [{ mode: 0o644, isOutside: true }, 'warning', undefined],
    [{ mode: 0o640, uid: 0 }, 'warning', undefined],
    [{ mode: 0o600, uid: 1001 }, 'warning', undefined],
  ])('%j: %s, remedy %s', (more, status, remedy) => {
    expect(mode(more)?.finding.status).toBe(status);
    expect(mode(more)?.remedy?.kind).toBe(remedy ?? undefined);
  });

  it('of Windows has no mode', () => {
    expect(statuses(judgeEnvFile(facts, { ...context, uid: null }))).not.toHaveProperty('env-file.mode:.env');
  });

  it('whose history could not be looked through in time is no clean one', () => {
    const unsure = {
      ...facts,
      git: { ...facts.git, unsure: 'git did not answer within 10 s' },
    } as EnvFileFacts;
    expect(statuses(judgeEnvFile(unsure, context))['env-file.history:.env']).toBe('warning');
  });

  it('that is missing matters where a server lacks a variable', () => {
    const missing = { name: '.env', kind: 'missing' } as const;
    expect(statuses(judgeEnvFile(missing, context))).toEqual({ 'env-file.usable:.env': 'ok' });
    expect(statuses(judgeEnvFile(missing, { ...context, lacking: ['a'] }))).toEqual({
      'env-file.usable:.env': 'warning',
    });
  });
});

describe('what runs', () => {
  const group = { file: '/g', app: 'a@1', group: 5, runner: 4, runnerLives: true, groupLives: true };
  const judged = (more: object) => statuses(judgeRuntime({ ...NOTHING_RUNS, ...more }, '1.0.0'));
  const status = (version: string) => ({
    supervisor: { pid: 1, version, uptimeMs: 1 },
    gateway: null,
    servers: [],
    warnings: [],
  });

  it.each<[string, object, object]>([
    ['nothing', {}, {}],
    ['all of it', { status: status('1.0.0'), keeperPid: 3, groups: [group] }, {}],
    ['another version', { status: status('0.9.0') }, { 'supervisor.state': 'warning' }],
    [
      'one that is silent',
      { isSilent: true, keeperPid: 3, groups: [group] },
      { 'supervisor.state': 'error' },
    ],
    ['being started', { keeperPid: 3, daemonPid: 2, groups: [group] }, {}],
    ['a daemon alone', { daemonPid: 2 }, { 'supervisor.state': 'warning' }],
    ['a runner alone', { groups: [group] }, { 'runners.supervised': 'error' }],
    ['a child alone', { groups: [{ ...group, runnerLives: false }] }, { 'leftovers.groups': 'warning' }],
    ['a record alone', { groups: [{ ...group, runnerLives: false, groupLives: false }] }, {}],
    ['a stale socket', { staleSockets: ['/s'] }, { 'sockets.stale': 'warning' }],
  ])('%s', (_, more, wrong) => {
    expect(Object.fromEntries(Object.entries(judged(more)).filter(([, is]) => is !== 'ok'))).toEqual(wrong);
  });

  it('a child whose runner is being started again is left to that', () => {
    const left = { ...NOTHING_RUNS, groups: [{ ...group, runnerLives: false }] };
    const remedies = (daemonPid: number | null) =>
      judgeRuntime({ ...left, daemonPid }, '1.0.0').map(({ remedy }) => remedy?.kind);
    expect(remedies(null)).toContain('sweep-groups');
    expect(remedies(2)).not.toContain('sweep-groups');
  });
});

it('newestFile: the first commit that leaves a file, no symlink', () => {
  const log =
    'commit aaa\n\n:100644 000000 1 0 D\t.env\ncommit bbb\n\n:000000 120000 0 1 A\t.env\ncommit ccc\n\n:000000 100600 0 1 A\t.env\n';
  expect(newestFile(log)).toBe('ccc');
  expect(newestFile(log.slice(0, log.indexOf('commit ccc')))).toBeNull();
});
