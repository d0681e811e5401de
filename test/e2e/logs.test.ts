import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LogRecord } from '../../src/model.ts';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

const [RATE, SECONDS] = [50_000, 5];
const ALL = Array.from({ length: RATE * SECONDS }, (_, n) => n);
const MAX_BYTES = 10 * 1024 * 1024;

/** The numbers of the flood's lines, in the order in which they stand there. */
function numbersIn(jsonLines: string): number[] {
  return [...jsonLines.matchAll(/"server":"chatty".*?"line":"line (\d+) of the flood/g)].map(([, n]) =>
    Number(n),
  );
}

/** The files of the log, the oldest first. */
function files(project: TestProject): string[] {
  const age = (name: string) => Number(name.split('.')[2] ?? 0);
  const names = readdirSync(project.path('logs')).filter((name) => /^chatty\.log(\.\d+)?$/.test(name));
  return names.sort((a, b) => age(b) - age(a)).map((name) => `logs/${name}`);
}

/** The first place where two lists differ: a diff of so many would say nothing. */
function firstDifference(seen: readonly number[], wanted: readonly number[]): string | null {
  const at = wanted.findIndex((number, index) => seen[index] !== number);
  if (at === -1 && seen.length === wanted.length) return null;
  return `${seen.length} lines, number ${at} is ${seen[at]}`;
}

test('50,000 lines a second for 5 s, and a supervisor killed in the middle: all are logged and followed, in order', async () => {
  const chatty = { command: process.execPath, args: [fixture('chatty'), String(RATE), String(SECONDS)] };
  await using project = new TestProject({ servers: { chatty } });
  await project.ok('up');
  const { pid } = await project.server('chatty');
  const follower = project.start('logs', '--follow', '--json', '--since', '1h');
  const connection = await connect(await project.endpoint('chatty'));
  // Its answer may be lost to this client with the supervisor; its lines must not be.
  const flood = connection.client.callTool({ name: 'echo', arguments: {} }).catch(() => {});

  await until('the log has been rotated', () => files(project).length > 1);
  process.kill(project.pidIn('supervisor.json'), 'SIGKILL');
  await until('the last line is in the log', () =>
    project.read('logs/chatty.log').includes(`"line ${ALL.length - 1} of`),
  );
  const logged = files(project).map((file) => project.read(file));
  expect(firstDifference(numbersIn(logged.join('')), ALL)).toBeNull();
  expect(logged.length).toBeGreaterThan(3);
  for (const file of files(project)) expect(statSync(project.path(file)).size).toBeLessThanOrEqual(MAX_BYTES);
  expect(await project.ready('chatty')).toMatchObject({ pid, generation: 1, restarts: 0 });

  await until('the follower has printed the last line', () =>
    follower.output().includes(`"line ${ALL.length - 1} of`),
  );
  follower.process.kill('SIGTERM');
  expect((await follower.outcome).code).toBe(0);
  expect(firstDifference(numbersIn(follower.output()), ALL)).toBeNull();
  await connection.client.close();
  await flood;
});

test('what is followed goes on in one piece through restarts of the server and of the supervisor', async () => {
  const tiny = fixtureServer(fixture('says-hello'));
  await using project = new TestProject({ servers: { tiny } });
  await project.ok('up');
  const follower = project.start('logs', '--follow', '--json', '--since', '1h');
  const printed = () =>
    follower
      .output()
      .split('\n')
      .filter((line) => line.includes('"server":"tiny"'))
      .map((line) => (JSON.parse(line) as LogRecord).generation);
  await until('the first hello', () => printed().length === 1);
  await project.ok('restart');
  await until('the second hello', () => printed().length === 2);
  process.kill(project.pidIn('supervisor.json'), 'SIGKILL');
  await project.ready('tiny');
  await project.ok('restart');
  await until('the third hello', () => printed().length === 3);
  await project.ok('down');
  await project.ok('up');
  await until('the fourth hello', () => printed().length === 4);
  follower.process.kill('SIGTERM');
  expect((await follower.outcome).code).toBe(0);
  expect(printed()).toEqual([1, 2, 3, 4]);
});

test('secrets are hidden also where they come in two writes, in JSON, or were never told to us', async () => {
  const secret = 'pass"word\\with é and € in it';
  await using project = new TestProject({
    env: `SECRET_VALUE='${secret}'\nEIGHT_CHARS=abcdefgh\nSEVEN_CHARS=abcdefg\n`,
    servers: {
      talker: fixtureServer(fixture('tells-in-pieces'), {
        env: {
          SECRET_VALUE: '${SECRET_VALUE}',
          EIGHT_CHARS: '${EIGHT_CHARS}',
          SEVEN_CHARS: '${SEVEN_CHARS}',
        },
      }),
    },
  });
  await project.ok('up');
  const printed = await project.ok('logs', 'talker', '--json');
  const lines = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogRecord);
  const expected = [
    'plain [redacted] end',
    'json {"deep":[{"secret":"[redacted]"}]} end',
    'token [redacted] end',
    'eight [redacted] end',
    // Shorter values, as `true` or a port, would turn every log into markers.
    'seven abcdefg end',
  ];
  for (const stream of ['stdout', 'stderr']) {
    expect(lines.filter((record) => record.stream === stream).map(({ line }) => line)).toEqual(expected);
  }
  const { message } = await project.warning('stdout.noise');
  expect(message).toContain('plain [redacted] end');
});
