import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { type CliWorld, runIn } from './run-cli.ts';

const SERVERS = {
  mail: { command: 'x', env: { KEY: '${MAIL_KEY}', PLACE: '${FROM_SHELL:-home}' }, envFiles: ['mail.env'] },
  web: { command: 'x', env: { KEY: '${NOT_THERE}' } },
  sentry: { preset: 'sentry', command: 'npx', args: ['-y', '@sentry/mcp-server@0.39.0'] },
};

function project(
  env = "MAIL_KEY='it is $ecret'\nOTHER=2\nSENTRY_AUTH_TOKEN=sntryu_aaaaaaaaaaaaaaaa\n",
): TempDir {
  const temp = tempDir();
  temp.write('ecosystem.config.json', JSON.stringify({ servers: SERVERS }));
  temp.write('.env', env);
  temp.write('mail.env', 'OWN=3\n');
  return temp;
}

describe('env', () => {
  it('prints what the env files export, in the language of SHELL or --shell', async () => {
    const { dir } = project('B="it\'s"\nA=1\n');
    const sh = "export B='it'\\''s'\nexport A='1'\n";
    expect(await runIn(dir, ['env'], { env: { SHELL: '/bin/bash' } })).toEqual({ code: 0, out: sh, err: '' });
    expect((await runIn(dir, ['env'], { env: { SHELL: '/usr/bin/fish' } })).out).toBe(
      "set -gx B 'it\\'s'\nset -gx A '1'\n",
    );
    expect((await runIn(dir, ['env', '--shell', 'cmd'])).out).toBe('@set ^"B=it\'s^"\n@set ^"A=1^"\n');
    expect(JSON.parse((await runIn(dir, ['env', '--json'])).out)).toEqual({ B: "it's", A: '1' });
  });

  it('prints what a server is given from them, without the environment that all have', async () => {
    const { dir } = project();
    const world = { env: { PATH: '/bin', HOME: '/home/me', FROM_SHELL: 'here', UNUSED: 'x' } };
    expect(JSON.parse((await runIn(dir, ['env', 'mail', '--json'], world)).out)).toEqual({
      OWN: '3',
      KEY: 'it is $ecret',
      PLACE: 'here',
    });
    expect(JSON.parse((await runIn(dir, ['env', 'sentry', '--json'], world)).out)).toEqual({
      SENTRY_ACCESS_TOKEN: 'sntryu_aaaaaaaaaaaaaaaa',
    });
  });

  it('is empty where there is no file', async () => {
    const temp = tempDir();
    temp.write('ecosystem.config.json', JSON.stringify({ servers: {} }));
    expect(await runIn(temp.dir, ['env'])).toEqual({ code: 0, out: '', err: '' });
  });

  it.each<[string[], string]>([
    [[], 'eval "$(mcp-supervisor env)"'],
    [['--json'], 'eval "$(mcp-supervisor env)"'],
    [['--shell', 'fish'], 'mcp-supervisor env --shell fish | source'],
    [['--shell', 'cmd'], 'mcp-supervisor exec -- cmd'],
  ])('%j: refuses a terminal, and says how it is used', async (options, use) => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, ['env', ...options], { isTty: true });
    expect(code).toBe(2);
    expect(out + err).not.toMatch(/\$ecret|sntryu/);
    expect((out + err).replaceAll('\\"', '"')).toContain(use);
  });

  it('prints to a terminal with --show', async () => {
    const { dir } = project();
    expect((await runIn(dir, ['env', '--show'], { isTty: true })).out).toContain("export OTHER='2'\n");
  });

  it.each<[string[], number, RegExp]>([
    [['env', 'mial'], 3, /server\.unknown: .*mial\n.*mail, web, sentry/],
    [['env', 'web'], 1, /server\.blocked: web cannot be started as it is:\n.*NOT_THERE/],
    [['env', '--shell', 'tcsh'], 2, /usage\.invalid: --shell tcsh/],
    [['env', 'mail', 'web'], 2, /too many arguments/],
    [['exec', '--server', 'mial', '--', 'x'], 3, /server\.unknown/],
    [['exec'], 2, /usage\.invalid: There is no command to run\n.*exec -- COMMAND/],
    [['exec', 'npm', '--version-of-npm'], 2, /unknown option/],
  ])('%j: exit %i', async (argv, exitCode, expected) => {
    const { dir } = project();
    const { code, out, err } = await runIn(dir, argv);
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(expected);
  });

  it('gives no half of an environment: a file that cannot be used is an error, with no value in it', async () => {
    const { dir } = project('FINE=1\nMAIL_KEY="never-ends\n');
    for (const argv of [['env'], ['env', 'mail'], ['exec', '--', 'x']]) {
      const { code, out, err } = await runIn(dir, argv);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/env\.unreadable: \.env has a quote on line 2 that never ends/);
      expect(err).not.toContain('never-ends"');
    }
  });

  it('is not concerned with the files of other servers', async () => {
    const temp = project();
    mkdirSync(temp.path('is-a-folder'));
    const servers = { ...SERVERS, bad: { command: 'x', envFiles: ['is-a-folder'] } };
    temp.write('ecosystem.config.json', JSON.stringify({ servers }));
    expect(await runIn(temp.dir, ['env', 'mail'])).toMatchObject({ code: 0, err: '' });
    expect(await runIn(temp.dir, ['env', 'bad'])).toMatchObject({ code: 2 });
  });

  it('says which lines it does not understand', async () => {
    const { dir } = project('A=1\nnonsense\nB=2\n');
    expect(await runIn(dir, ['env', '--json'])).toEqual({
      code: 0,
      out: '{"A":"1","B":"2"}\n',
      err: '.env has lines that are neither KEY=value nor a comment: line 2.\n',
    });
  });
});

describe('exec', () => {
  async function run(argv: readonly string[], code = 0) {
    const calls: unknown[] = [];
    const { dir } = project();
    const world: CliWorld = {
      env: { OTHER: 'shell', PATH: '/bin' },
      runCommand: async (...call) => {
        calls.push(call);
        return code;
      },
    };
    return { ...(await runIn(dir, argv, world)), calls };
  }

  it('passes the command on as it is, with the files on top of the environment, and its exit code back', async () => {
    const { code, out, err, calls } = await run(['exec', '--', 'tool', '--json', '-c', 'a b', '--', '$x'], 7);
    expect({ code, out, err }).toEqual({ code: 7, out: '', err: '' });
    const env = { OTHER: '2', PATH: '/bin', MAIL_KEY: 'it is $ecret', SENTRY_AUTH_TOKEN: expect.any(String) };
    expect(calls).toEqual([['tool', ['--json', '-c', 'a b', '--', '$x'], env]]);
  });

  it('--server gives what that server is given', async () => {
    const { calls } = await run(['exec', '--server', 'mail', '--', 'tool']);
    expect(calls).toEqual([
      ['tool', [], { OTHER: 'shell', PATH: '/bin', OWN: '3', KEY: 'it is $ecret', PLACE: 'home' }],
    ]);
  });

  it("a command's own --json makes no JSON of our errors", async () => {
    const { out, err } = await run(['exec', '--server', 'none', '--', 'tool', '--json']);
    expect(out).toBe('');
    expect(err).toContain('server.unknown');
  });
});
