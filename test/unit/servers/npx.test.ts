import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../../src/servers/locate.ts';
import { defaultBin, parseNpx, resolveNpx } from '../../../src/servers/npx.ts';

describe('parseNpx', () => {
  it.each([
    ['pkg', { packageName: 'pkg', args: [] }],
    ['-y pkg@1.2.3 a --flag', { packageName: 'pkg', spec: '1.2.3', args: ['a', '--flag'] }],
    ['--yes -q --no-install @scope/pkg', { packageName: '@scope/pkg', args: [] }],
    ['-y @scope/pkg@^1.2 --x=1', { packageName: '@scope/pkg', spec: '^1.2', args: ['--x=1'] }],
    ['pkg@latest', { packageName: 'pkg', spec: 'latest', args: [] }],
    ['-y -- pkg a', { packageName: 'pkg', args: ['a'] }],
    ['pkg -- a', { packageName: 'pkg', args: ['--', 'a'] }],
    ['-p @scope/pkg@2 tool -y', { packageName: '@scope/pkg', spec: '2', bin: 'tool', args: ['-y'] }],
    ['--package=pkg -y tool', { packageName: 'pkg', bin: 'tool', args: [] }],
    ['--package pkg -- tool a', { packageName: 'pkg', bin: 'tool', args: ['a'] }],
  ])('reads `npx %s`', (line, call) => {
    expect(parseNpx(line.split(' '))).toEqual(call);
  });

  it.each([
    '-c pkg',
    '--registry=https://example.com pkg',
    '-p one -p two tool',
    '-y',
    '-p pkg',
    'user/repo',
    './local',
    'github:user/repo',
    'pkg@npm:other@1',
    'https://example.com/pkg.tgz',
  ])('leaves `npx %s` to npx', (line) => {
    expect(parseNpx(line.split(' '))).toBeNull();
  });
});

describe('resolveNpx', () => {
  const installed: InstalledPackage = {
    name: '@scope/pkg',
    version: '1.4.0',
    root: '/p',
    bins: { pkg: { path: '/p/cli.js', node: true }, native: { path: '/p/native', node: false } },
  };
  const call = { packageName: '@scope/pkg', args: ['a'] };

  it.each([undefined, '1.4.0', '^1.2', '1', '*'])('starts the installed program for the spec %s', (spec) => {
    const named = spec === undefined ? call : { ...call, spec };
    expect(resolveNpx(named, installed, '/node')).toEqual({ command: '/node', args: ['/p/cli.js', 'a'] });
  });

  it.each(['1.5.0', '^2', 'latest', 'next'])('keeps npx for the spec %s', (spec) => {
    expect(resolveNpx({ ...call, spec }, installed, '/node')).toBeNull();
  });

  it('starts a program that is not for Node as it is', () => {
    expect(resolveNpx({ ...call, bin: 'native' }, installed, '/node')).toEqual({
      command: '/p/native',
      args: ['a'],
    });
  });

  it('keeps npx for a program that is not there', () => {
    expect(resolveNpx({ ...call, bin: 'other' }, installed, '/node')).toBeNull();
    expect(resolveNpx(call, { ...installed, bins: {} }, '/node')).toBeNull();
  });

  it('chooses the only program, whatever its name', () => {
    const bin = { path: '/p/x.js', node: true };
    expect(defaultBin({ ...installed, bins: { other: bin } })).toBe('other');
    expect(defaultBin({ ...installed, bins: { one: bin, two: bin } })).toBeNull();
  });
});
