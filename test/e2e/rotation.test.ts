import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { ServerStatus } from '../../src/model.ts';
import { fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';
import { judge, startVerdictApi, type VerdictApi } from '../support/verdict-api.ts';

const GOOD = 'sntryu_good_aaaaaaaaaaaaaaaa';
const OTHER_GOOD = 'sntryu_good_bbbbbbbbbbbbbbbb';
const BAD = 'sntryu_bad_cccccccccccccccc';
const OTHER_BAD = 'sntryu_bad_dddddddddddddddd';

const envWith = (token: string) => `SENTRY_AUTH_TOKEN=${token}\nOPENAI_API_KEY=canary-model-key\n`;

/** The Sentry preset around a server that starts at once: it is the token that these are about. */
function projectFor(api: VerdictApi, token: string, more: Record<string, unknown> = {}): TestProject {
  const preset = { preset: 'sentry', version: '0.39.0', host: api.host, insecureHttp: true };
  const sentry = { ...preset, command: process.execPath, args: [fixture('tiny')], ...more };
  return new TestProject({ env: envWith(token), servers: { sentry } });
}

const codes = async (project: TestProject) => (await project.warnings()).map(({ code }) => code);

const keptOld = ({ lastReload }: ServerStatus) => lastReload?.outcome === 'kept-old';

/** Holds the answers about one token back, until they are let go. */
function holdBack(api: VerdictApi, held: string) {
  const waiting: ServerResponse[] = [];
  api.behaviour = (token, response) => {
    if (token === held) waiting.push(response);
    else judge(token, response);
  };
  return {
    isAsked: () => waiting.length > 0,
    release: () => {
      api.behaviour = judge;
      for (const response of waiting) judge(held, response);
    },
  };
}

/** Says on stderr when it is asked for its tools, which is the last that a new generation is asked. */
const TELLS = `import { serve } from ${JSON.stringify(fixture('line'))};
serve({ 'tools/list': () => { console.error('listed'); return { tools: [] }; } }).on('close', () => process.exit(0));
`;

test('kill -9 while a new generation is ready and its token is still asked about: the old one goes on', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, GOOD, { args: ['tells.mjs'] });
  project.write('tells.mjs', TELLS);
  await project.ok('up');
  const before = await project.server('sentry');
  const held = holdBack(api, BAD);
  project.write('.env', envWith(BAD));
  await until('it is ready', async () => {
    const lines = await project.ok('logs', 'sentry', '-n', '100');
    return held.isAsked() && lines.split('listed').length === 3;
  });
  await project.serverWhere('sentry', 'on trial', ({ state }) => state === 'replacing');

  await project.killSupervisor(held.release);
  const kept = await project.serverWhere('sentry', 'kept', keptOld);
  expect(kept).toMatchObject({ state: 'ready', pid: before.pid, generation: before.generation });
  expect(await codes(project)).toEqual(['token.rejected']);
});

test('kill -9 while a first token is asked about: the next supervisor asks, and says what is wrong', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, BAD);
  const held = holdBack(api, BAD);
  await project.ok('up');
  expect(held.isAsked()).toBe(true);
  expect(await codes(project)).toEqual([]);
  await project.killSupervisor(held.release);
  expect((await project.warning('token.rejected')).message).not.toContain('old generation');
});

test('kill -9 while an old generation is kept, and the token put back before the next supervisor', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, GOOD);
  await project.ok('up');
  const { pid } = await project.server('sentry');
  project.write('.env', envWith(BAD));
  await project.serverWhere('sentry', 'kept', keptOld);
  await until('it is written down', () =>
    project.read('.mcp-supervisor/warnings.json').includes('token.rejected'),
  );

  // Also where Sentry cannot be asked: what was refused is not wanted any more.
  api.behaviour = (_token, response) => response.writeHead(503).end();
  await project.killSupervisor(() => project.write('.env', envWith(GOOD)));
  await until(
    'it is over',
    async () => (await project.status()).supervisor !== null && (await codes(project)).length === 0,
  );
  expect(await project.server('sentry')).toMatchObject({ state: 'ready', pid, detail: null });
});

test('back to a token that is rejected as well: it is still said', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, BAD);
  await project.cli('up');
  project.write('.env', envWith(OTHER_BAD));
  await project.serverWhere('sentry', 'kept', keptOld);
  project.write('.env', envWith(BAD));
  await project.serverWhere('sentry', 'as it was', ({ detail }) => detail === null);
  const { message } = await project.warning('token.rejected');
  expect(message).not.toContain('old generation');
});

test('kept, then blocked, then a good token: nothing says any more that an old one was kept', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, GOOD);
  await project.ok('up');
  project.write('.env', envWith(BAD));
  await project.serverWhere('sentry', 'kept', keptOld);
  project.write('.env', envWith(''));
  await project.serverWhere('sentry', 'blocked', ({ state }) => state === 'blocked');
  expect(await codes(project)).toEqual(['token.missing']);
  project.write('.env', envWith(OTHER_GOOD));
  expect(await project.ready('sentry')).toMatchObject({ detail: null });
  expect(await codes(project)).toEqual([]);
});

test('an exclusive server that does not come up with a new token: what is known is of the one before again', async () => {
  await using api = await startVerdictApi();
  const check = { url: `http://${api.host}/`, headers: { authorization: 'Bearer ${KEY}' } };
  const picky = `if (process.env.KEY === '${OTHER_GOOD}') process.exit(1); await import(${JSON.stringify(fixture('tiny'))});`;
  const any = fixtureServer('picky.mjs', { env: { KEY: '${KEY}' }, check, replace: 'exclusive' });
  await using project = new TestProject({ env: `KEY=${GOOD}\n`, servers: { any } });
  project.write('picky.mjs', picky);
  api.behaviour = (token, response) =>
    response.setHeader('x-oauth-scopes', token === GOOD ? 'read' : 'read, write').end();
  await project.ok('up');
  project.write('.env', `KEY=${OTHER_GOOD}\n`);
  await project.serverWhere('any', 'kept', keptOld);
  await until('it is known again', () => {
    const state = JSON.parse(project.read('.mcp-supervisor/state.json'));
    return api.asked.at(-1) === GOOD && state.servers.any.scopes?.join() === 'read';
  });
});

test('a token from a variable of another name: it is tried, and a rejected one replaces nothing, all the same', async () => {
  await using api = await startVerdictApi();
  await using project = projectFor(api, GOOD, { env: { SENTRY_ACCESS_TOKEN: '${WORK_TOKEN}' } });
  project.write('.env', `WORK_TOKEN=${GOOD}\n`);
  await project.ok('up');
  const { pid } = await project.server('sentry');
  const tried = await project.given(`WORK_TOKEN=${OTHER_GOOD}`, 'check', '--token-from-stdin');
  expect(tried).toMatchObject({ code: 0, stdout: expect.stringContaining('accepted') });
  expect(api.asked).toEqual([GOOD, OTHER_GOOD]);
  const elsewhere = await project.given(OTHER_GOOD, 'check', '--token-from-stdin');
  expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('(WORK_TOKEN)') });

  project.write('.env', `WORK_TOKEN=${BAD}\n`);
  expect(await project.serverWhere('sentry', 'kept', keptOld)).toMatchObject({ state: 'ready', pid });
  const warning = await project.warning('token.rejected');
  expect(warning).toMatchObject({ subject: 'WORK_TOKEN', hint: expect.stringContaining('as WORK_TOKEN;') });
});

test('the page for a new token can be opened also where the host is from .env', async () => {
  await using api = await startVerdictApi();
  const { port } = new URL(`http://${api.host}`);
  await using project = projectFor(api, BAD, { host: undefined });
  project.write('.env', `${envWith(BAD)}SENTRY_HOST=localhost:${port}\n`);
  await project.cli('up');
  const page = `at http://localhost:${port}/settings/account/api/auth-tokens/`;
  expect((await project.warning('token.rejected')).hint).toContain(page);
  expect((await project.cli('check')).stdout).toContain(page);
});
