import { describe, expect, it } from 'vitest';
import { dialectFromHelp, dialectOf } from '../../../../src/servers/sentry/dialect.ts';
import { sentryArgs } from '../../../../src/servers/sentry/flags.ts';
import type { SentryOptions } from '../../../../src/servers/sentry/options.ts';
import { sentryOptions } from './sentry-options.ts';

const flagsOf = (version: string, given: Partial<SentryOptions> = {}) => {
  const { args, warnings } = sentryArgs(sentryOptions(given), { version, dialect: dialectOf(version) });
  return { args, warnings: warnings.map(({ code, subject }) => `${code} ${subject}`.trim()) };
};

describe('what is offered', () => {
  it.each([
    ['0.10.0', []],
    ['0.17.1', []],
    ['0.18.0', ['--add-scopes=event:write,project:write']],
    ['0.20.0', ['--add-scopes=event:write,project:write']],
    ['0.22.0', ['--skills=inspect,docs,triage,project-management']],
    ['0.23.1', ['--skills=inspect,docs,triage,project-management']],
    ['0.36.0', ['--skills=inspect,docs,triage,project-management']],
    ['0.37.0', ['--skills=inspect,triage,project-management']],
    ['0.39.0', ['--skills=inspect,triage,project-management']],
  ])('%s is told %j', (version, args) => {
    expect(flagsOf(version).args).toEqual([...args, '--sentry-dsn=']);
  });

  it.each([
    ['0.18.0', []],
    ['0.36.0', ['--skills=inspect,docs']],
    ['0.39.0', ['--skills=inspect']],
  ])('%s is read-only with no added scope', (version, args) => {
    expect(flagsOf(version, { addScopes: [] })).toEqual({ args: [...args, '--sentry-dsn='], warnings: [] });
  });

  it('says that versions before 0.18 offer everything', () => {
    expect(flagsOf('0.17.1').warnings).toEqual(['scope.not-expressible']);
  });

  it('names the scopes that no skill stands for, and only those', () => {
    const addScopes = [
      'org:read',
      'event:admin',
      'team:write',
      'org:write',
      'member:write',
      'project:releases',
    ];
    expect(flagsOf('0.39.0', { addScopes })).toEqual({
      args: ['--skills=inspect,triage,project-management', '--sentry-dsn='],
      warnings: [
        'scope.not-expressible org:write',
        'scope.not-expressible member:write',
        'scope.not-expressible project:releases',
      ],
    });
    expect(flagsOf('0.18.0', { addScopes }).warnings).toEqual([]);
  });

  it('passes skills on as they are', () => {
    expect(flagsOf('0.39.0', { skills: ['seer', 'docs'] }).args).toEqual([
      '--skills=seer,docs',
      '--sentry-dsn=',
    ]);
    expect(flagsOf('0.20.0', { skills: ['seer'] }).warnings).toEqual(['sentry.option-unsupported skills']);
  });

  it('never passes an empty list of skills, which would grant them all', () => {
    expect(flagsOf('0.39.0', { skills: [] })).toEqual({
      args: ['--skills=inspect', '--sentry-dsn='],
      warnings: ['sentry.option-unsupported skills'],
    });
  });
});

describe('the other options', () => {
  it('passes slugs from 0.18 on', () => {
    const slugs = { organizationSlug: 'acme', projectSlug: 'web', addScopes: [] };
    expect(flagsOf('0.18.0', slugs).args).toEqual([
      '--organization-slug=acme',
      '--project-slug=web',
      '--sentry-dsn=',
    ]);
    expect(flagsOf('0.17.1', slugs)).toEqual({
      args: ['--sentry-dsn='],
      warnings: [
        'scope.not-expressible',
        'sentry.option-unsupported organizationSlug',
        'sentry.option-unsupported projectSlug',
      ],
    });
  });

  it("passes --insecure-http from 0.33 on, for a host of one's own", () => {
    const own = { insecureHttp: true, host: '127.0.0.1:9000' };
    expect(flagsOf('0.33.0', own).args).toContain('--insecure-http');
    expect(flagsOf('0.31.0', own).warnings).toEqual(['sentry.option-unsupported insecureHttp']);
    expect(flagsOf('0.39.0', { insecureHttp: true })).toMatchObject({
      args: expect.not.arrayContaining(['--insecure-http']),
      warnings: ['sentry.option-unsupported insecureHttp'],
    });
  });

  it('leaves the DSN alone only with telemetry', () => {
    expect(flagsOf('0.39.0', { telemetry: true }).args).not.toContain('--sentry-dsn=');
  });

  it('asks nothing of a server it cannot make out', () => {
    const { args, warnings } = sentryArgs(sentryOptions({ organizationSlug: 'acme' }), {
      version: null,
      dialect: null,
    });
    expect(args).toEqual(['--sentry-dsn=']);
    expect(warnings.map(({ code }) => code)).toEqual(['sentry.version-unknown']);
  });
});

describe('dialectFromHelp', () => {
  it('reads the flags that a help text names', () => {
    expect(dialectFromHelp('--access-token --scopes --add-scopes --organization-slug')).toEqual({
      scopes: 'add-scopes',
      readSkills: ['inspect'],
      slugs: true,
      insecureHttp: false,
    });
    expect(
      dialectFromHelp(
        '--access-token --add-scopes --skills --insecure-http\nAvailable skills: inspect, docs',
      ),
    ).toEqual({ scopes: 'skills', readSkills: ['inspect', 'docs'], slugs: false, insecureHttp: true });
    expect(dialectFromHelp('Usage: --access-token=<token>')?.scopes).toBe('none');
  });

  it('does not take another program for the server', () => {
    expect(dialectFromHelp('Usage: something [--skills]')).toBeNull();
  });
});
