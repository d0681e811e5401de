import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../../src/logs/record.ts';
import type { LogRecord } from '../../../src/model.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { PRINTING_VERBS, VERBS } from '../../support/verbs.ts';
import { runIn } from './run-cli.ts';

/** A project that has a config and has never been started. */
function project(
  servers: Record<string, unknown> = { mail: { command: 'x' }, web: { command: 'x' } },
): TempDir {
  const temp = tempDir();
  temp.write('ecosystem.config.json', JSON.stringify({ servers }));
  return temp;
}

describe('usage errors', () => {
  it.each<[string[], RegExp]>([
    [['stauts'], /unknown command 'stauts'[\s\S]*\bstatus\b/],
    [['uup'], /unknown command 'uup'[\s\S]*\bup\b/],
    [['up', '--dryrun'], /unknown option '--dryrun'[\s\S]*--dry-run/],
    [['status', '--jsom'], /unknown option '--jsom'[\s\S]*--json/],
    [['--bogus'], /unknown option '--bogus'/],
    [['status', 'mail'], /too many arguments/],
    [['logs', '-n'], /argument missing/],
    [['up', '--config'], /argument missing/],
    [['logs', '-n', 'many'], /usage\.invalid: -n many is not a number of lines\n {2}→ /],
    [['logs', '-n', '-5'], /usage\.invalid: /],
    [
      ['logs', '--level', 'loud'],
      /usage\.invalid: --level loud is not a level\n {2}→ .*debug, info, warn, error/,
    ],
    [['logs', '--since', 'soon'], /usage\.invalid: "soon" is not a time/],
  ])('%j: exit 2, and stderr says what is right', async (argv, expected) => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(expected);
  });

  it('no verb at all: the help, as an error', async () => {
    const { code, out, err } = await runIn('/', []);
    expect(code).toBe(2);
    expect(out).toBe('');
    for (const verb of VERBS) expect(err).toContain(verb);
  });
});

describe('help and version', () => {
  it.each([['--help'], ['-h'], ['help'], ...VERBS.map((verb) => [verb, '--help'])])(
    '%s %s',
    async (...argv) => {
      const { code, out, err } = await runIn(
        '/',
        argv.filter((arg) => arg !== undefined),
      );
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Usage: mcp-supervisor /);
    },
  );

  it('there are no verbs but these', async () => {
    const { out } = await runIn('/', ['--help']);
    const [, list = ''] = out.split('Commands:\n');
    const verbs = list.split('\n\n')[0]?.matchAll(/^ {2}([a-z-]+)/gm) ?? [];
    expect([...verbs].map(([, verb]) => verb).sort()).toEqual([...VERBS, 'help'].sort());
  });

  it.each(VERBS)(
    '%s takes --config, and --json where it prints a result; its help has examples',
    async (verb) => {
      const { out } = await runIn('/', [verb, '--help']);
      expect(out).toMatch(/-c, --config <file>/);
      expect(/--json/.test(out)).toBe(PRINTING_VERBS.includes(verb));
      expect(out).toMatch(/\nExamples:\n {2}\$ mcp-supervisor /);
    },
  );

  it.each(['--version', '-V'])('%s', async (flag) => {
    expect(await runIn('/', [flag])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });
});

describe('an unknown server: exit 3, with the names that there are', () => {
  it.each([
    ['up', '--dry-run', 'mial'],
    ['up', '--dry-run', 'mail', 'mial'],
  ])('%j', async (...argv) => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, argv);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toBe(
      'error server.unknown: The config has no server called mial\n  → Did you mean mail? It has: mail, web.\n',
    );
  });

  it('logs, which there are of servers that the config does not have any more, too', async () => {
    const { dir, write } = project();
    expect((await runIn(dir, ['logs', 'mail'])).err).toContain('There are logs of: none yet.');
    write('logs/old.log', '');
    write('logs/supervisor.log', '');
    write('logs/old.log.1', '');
    const { code, err } = await runIn(dir, ['logs', 'mail']);
    expect(code).toBe(3);
    expect(err).toContain('There are logs of: old, supervisor.');
    expect((await runIn(dir, ['logs', 'old'])).code).toBe(0);
  });
});

describe('without a config', () => {
  it.each([
    ...['up', 'down', 'status', 'logs', 'restart', 'warnings', 'doctor', 'check', 'env', 'connect web'],
    ...['client-config zed', 'exec -- true', 'startup', 'unstartup'],
  ])('%s: exit 2, and where it was looked for', async (line) => {
    const { dir } = tempDir();
    const { code, out, err } = await runIn(dir, line.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error config\.not-found: .*ecosystem\.config\.ts/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('--config names another one', async () => {
    const { dir, write } = project();
    write('other.json', JSON.stringify({ servers: { other: { command: 'x' } } }));
    expect((await runIn(dir, ['up', '--dry-run', '-c', 'other.json'])).out).toBe('start  other\n');
    expect((await runIn(dir, ['up', '-c', 'none.json'])).code).toBe(2);
  });
});

describe('--json', () => {
  it.each<[string[], number, string]>([
    [['up', '--dry-run', 'mial'], 3, 'server.unknown'],
    [['logs', 'mial'], 3, 'server.unknown'],
    [['up', '-c', 'none.json'], 2, 'config.not-found'],
    [['logs', '--level', 'loud'], 2, 'usage.invalid'],
    [['warnings'], 1, 'supervisor.not-running'],
    [['restart'], 1, 'supervisor.not-running'],
  ])('%j: the error is the result', async (argv, exitCode, errorCode) => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, [...argv, '--json']);
    expect({ code, err }).toEqual({ code: exitCode, err: '' });
    const { error } = JSON.parse(out);
    const docs = `docs/errors.md#${errorCode}`;
    expect(error).toEqual({ code: errorCode, message: expect.any(String), hint: expect.any(String), docs });
    expect(out.split('\n')).toHaveLength(2);
  });

  it('status of what does not run', async () => {
    const { dir } = project();
    const { code, out } = await runIn(dir, ['status', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ supervisor: null, gateway: null, servers: [], warnings: [] });
  });
});

describe('up --dry-run where nothing runs', () => {
  it('shows what would start, and makes nothing', async () => {
    const { dir } = project();
    expect(await runIn(dir, ['up', '--dry-run'])).toEqual({
      code: 0,
      out: 'start  mail\nstart  web\n',
      err: '',
    });
    expect((await runIn(dir, ['up', 'web', '--dry-run'])).out).toBe('start  web\n');
    expect(JSON.parse((await runIn(dir, ['up', '--dry-run', '--json'])).out)).toEqual([
      { kind: 'start', name: 'mail' },
      { kind: 'start', name: 'web' },
    ]);
    expect(readdirSync(dir)).toEqual(['ecosystem.config.json']);
  });

  it('leaves out what is blocked', async () => {
    const { dir } = project({ mail: { command: 'x', args: ['${KEY}'] } });
    expect((await runIn(dir, ['up', '--dry-run'])).out).toBe('Nothing to do.\n');
    expect((await runIn(dir, ['up', '--dry-run'], { env: { KEY: 'k' } })).out).toBe('start  mail\n');
  });

  it('says everything that is wrong with the config', async () => {
    const { dir } = project({ mail: { comand: 'x' } });
    const { code, err } = await runIn(dir, ['up', '--dry-run']);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error config\.invalid: The config has 2 problems:\n(?: {2}ecosystem\.config\.json: servers\.mail\.\S+ .*\n){2} {2}→ /,
    );
  });
});

describe('logs', () => {
  const record = (second: number, server: string, line: string): LogRecord => ({
    time: `2026-01-01T00:00:0${second}.000Z`,
    server,
    generation: server === 'supervisor' ? 0 : 2,
    stream: 'stderr',
    level: 'info',
    line,
  });

  function withLogs(): TempDir {
    const temp = project();
    const lines = (...records: LogRecord[]) =>
      Buffer.concat(records.map((one) => Buffer.from(encodeRecord(one))));
    temp.write('logs/mail.log', lines(record(1, 'mail', 'first'), record(3, 'mail', '\u001b[2Jthird')));
    temp.write('logs/supervisor.log', lines(record(2, 'supervisor', 'second')));
    return temp;
  }

  it('are merged in time order, fit for a terminal', async () => {
    const { dir } = withLogs();
    expect((await runIn(dir, ['logs'])).out).toBe(
      '2026-01-01T00:00:01.000Z mail@2 first\n2026-01-01T00:00:02.000Z supervisor second\n2026-01-01T00:00:03.000Z mail@2 third\n',
    );
    expect((await runIn(dir, ['logs', '-n', '1'])).out).toBe('2026-01-01T00:00:03.000Z mail@2 third\n');
    expect((await runIn(dir, ['logs', 'supervisor'])).out).toBe(
      '2026-01-01T00:00:02.000Z supervisor second\n',
    );
  });

  it('are the records themselves with --json', async () => {
    const { dir } = withLogs();
    const { out } = await runIn(dir, ['logs', '--json', 'mail']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([record(1, 'mail', 'first'), record(3, 'mail', '\u001b[2Jthird')]);
  });
});

it('an error that is no answer of ours is a bug: exit 1, with its stack', async () => {
  const open = () => {
    throw new TypeError('oops');
  };
  const { code, err } = await runIn('/', ['status'], { open });
  expect(code).toBe(1);
  expect(err).toMatch(
    /^error supervisor\.internal: TypeError: oops\n[\s\S]*program\.test\.ts[\s\S]*→ Please report this/,
  );
});
