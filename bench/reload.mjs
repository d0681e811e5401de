/**
 * Saving `.env` to the new generation serving, against the server's own cold start.
 * Target: at most 300 ms more. The moment of serving is the supervisor's own: the time of its log record.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { coldStart } from './lib/direct.mjs';
import { fixture, withProject } from './lib/project.mjs';
import { median, option, print, spread, table, verdict } from './lib/report.mjs';

const ROUNDS = option('rounds', 9);
const node = process.execPath;
const sentry = installed('@sentry/mcp-server');
const everything = installed('@modelcontextprotocol/server-everything');
// Shaped like no real token: nothing is asked of Sentry before the first tool call.
const token = (round) => `bench-token-${String(round).padStart(8, '0')}`;

const cases = [
  {
    name: 'tiny',
    server: { command: node, args: [fixture('tiny')], env: { KEY: '${KEY}' } },
    env: (round) => `KEY=value-${round}\n`,
    direct: { command: node, args: [fixture('tiny')], env: { KEY: 'value' } },
  },
  {
    name: `server-everything ${everything.version}`,
    server: { command: node, args: [everything.script, 'stdio'], env: { KEY: '${KEY}' } },
    env: (round) => `KEY=value-${round}\n`,
    direct: { command: node, args: [everything.script, 'stdio'], env: { KEY: 'value' } },
  },
  {
    name: `sentry ${sentry.version}`,
    server: {
      preset: 'sentry',
      command: node,
      version: sentry.version,
      args: [sentry.script],
      // These tokens are nobody's, so nobody is asked about them.
      check: false,
    },
    env: (round) => `SENTRY_AUTH_TOKEN=${token(round)}\n`,
    direct: {
      command: node,
      args: [sentry.script, '--skills=inspect,triage,project-management', '--sentry-dsn='],
      env: { SENTRY_ACCESS_TOKEN: token(0) },
    },
  },
];

const rows = [];
for (const { name, server, env, direct } of cases) {
  const cold = [];
  const reload = [];
  await withProject({ server }, env(0), async (project) => {
    // The first one of each finds nothing in the page cache.
    await coldStart(direct);
    for (let round = 1; round <= ROUNDS; round++) {
      cold.push(await coldStart(direct));
      await sleep(500);
      project.env(env(round));
      const saved = Date.now();
      reload.push((await servingSince(project, round + 1)) - saved);
      await sleep(500);
    }
    const [row] = (await project.status()).servers;
    if (row.state !== 'ready' || row.generation !== ROUNDS + 1)
      throw new Error(`ended as ${JSON.stringify(row)}`);
  });
  const extra = median(reload) - median(cold);
  rows.push([name, spread(cold), spread(reload), `${Math.round(extra)} ms`, verdict(extra <= 300)]);
}

print(`median of ${ROUNDS} rounds (range)\n`);
table([['server', 'cold start', '`.env` saved to serving', 'more', 'target ≤ 300 ms'], ...rows]);

/** When this generation became ready; nobody is asked meanwhile. */
async function servingSince(project, generation) {
  const line = `server: generation ${generation} is ready`;
  for (let tries = 0; tries < 400; tries++) {
    await sleep(25);
    const record = project.supervisorLog().find((candidate) => candidate.line === line);
    if (record !== undefined) return Date.parse(record.time);
  }
  throw new Error(`generation ${generation} never became ready`);
}

/** Where a package's program is; its `exports` may hide that from `require.resolve`. */
function installed(name) {
  const root = new URL(`../node_modules/${name}/`, import.meta.url);
  const { version, bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return { version, script: fileURLToPath(new URL(Object.values(bin)[0], root)) };
}
