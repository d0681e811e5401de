import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { type Connection, connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** `FUZZ_SEED=… npx vitest run test/e2e/fuzz-child.test.ts` to see the same nonsense again. */
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
const FUZZ_MS = 12_000;
const CLIENTS = 3;
const CALLERS = 3;
const MAX_RSS_MB = 500;

let project: TestProject;
beforeAll(async () => {
  const babbles = { command: process.execPath, args: [fixture('babbles'), String(SEED)] };
  project = new TestProject({ servers: { babbles, tiny: fixtureServer(fixture('tiny')) } });
  await project.ok('up');
});
afterAll(() => project[Symbol.asyncDispose]());

/** Calls one after the other until the time is up; each answer must be its own. */
async function call(connection: Connection, tool: string, deadline: number): Promise<number> {
  let count = 0;
  for (; Date.now() < deadline; count++) {
    const nonce = randomUUID();
    expect(await connection.text(tool, { nonce })).toContain(nonce);
  }
  return count;
}

test(`a child that talks nonsense answers its clients, and harms nobody (seed ${SEED})`, async () => {
  const supervisor = project.pidIn('supervisor.json');
  const { pid } = await project.server('babbles');
  const [babbles, tiny] = await Promise.all([project.endpoint('babbles'), project.endpoint('tiny')]);
  const connections = await Promise.all(Array.from({ length: CLIENTS }, () => connect(babbles)));
  await using beside = await connect(tiny);
  const deadline = Date.now() + FUZZ_MS;
  const calls = connections.flatMap((connection) =>
    Array(CALLERS)
      .fill(connection)
      .map((one) => call(one, 'go', deadline)),
  );
  const counts = await Promise.all([call(beside, 'echo', deadline), ...calls]);
  expect(Math.min(...counts)).toBeGreaterThan(0);

  const [client] = connections as [Connection];
  await until('its own requests are answered', async () => (await client.text('unanswered')) === '0');
  for (const connection of connections) await connection[Symbol.asyncDispose]();
  const { servers, supervisor: after } = await project.status();
  expect(after?.pid).toBe(supervisor);
  expect(servers).toMatchObject([
    { name: 'babbles', state: 'ready', pid, restarts: 0, calls: 0 },
    { name: 'tiny', state: 'ready', restarts: 0, calls: 0 },
  ]);
  expect((await project.warnings()).map(({ code }) => code)).toContain('stdout.noise');
  expect(rssMb(supervisor)).toBeLessThan(MAX_RSS_MB);
});

test('an answer that is too long to be taken is an error for whoever waits for it', async () => {
  await using connection = await connect(await project.endpoint('babbles'));
  for (const idFirst of [true, false])
    await expect(connection.text('oversize', { idFirst })).rejects.toThrow(
      /bytes, which is more than a message/,
    );
  expect(await connection.text('go', { nonce: 'on it goes' })).toBe('on it goes');
  expect(await project.warning('stdout.oversize')).toMatchObject({ server: 'babbles' });
});

function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
}
