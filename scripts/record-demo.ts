/**
 * Makes docs/recording.svg from a run of the real command line on a terminal, which util-linux's
 * `script` makes, and prints what was on it. The Sentry is the tests' fake one. Needs the built dist,
 * and the ports 7420 and 9000.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StatusReport } from '../src/model.ts';
import { connect } from '../test/support/mcp-client.ts';
import { until } from '../test/support/until.ts';
import { Terminal, terminalSvg, textOf } from './terminal-svg.ts';

const REPO = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const COLUMNS = 112;
const SENTRY = 'localhost:9000';
/** What viewers are made to wait at most, and for how long a command stands there before it runs. */
const [LONGEST_PAUSE_MS, TYPING_MS] = [900, 900];
const CONFIG = `import { defineConfig, sentry } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    sentry: sentry({ version: '0.39.0', addScopes: ['event:write'], host: '${SENTRY}', insecureHttp: true }),
    everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },
  },
});
`;

const base = mkdtempSync(join(tmpdir(), 'mcps-demo-'));
const shop = join(base, 'shop');
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: base,
  TERM: 'xterm',
  npm_config_progress: 'false',
  npm_config_update_notifier: 'false',
  OPENAI_API_KEY: 'unused',
  READ_ONLY_TOKEN: 'sntryu_readonly_aaaaaaaaaaaaaaaaaaaa',
  NEW_TOKEN: 'sntryu_scopes_event-write_bbbbbbbbbbbbbbbbbbbb',
};
const terminal = new Terminal(COLUMNS);
let clockMs = 0;

const sentry = spawn(process.execPath, [`${REPO}/test/fixtures/fake-sentry.mjs`, '--port', '9000'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
sentry.stdout.on('data', () => {});
try {
  makeProject();
  await record();
  const lines = terminal.lines;
  const svg = terminalSvg(
    lines,
    COLUMNS,
    'mcp-supervisor: up, a token that lacks a scope, a better one, down',
  );
  for (const secret of [env.READ_ONLY_TOKEN, env.NEW_TOKEN, base, REPO])
    if (svg.includes(secret)) throw new Error(`it would show ${secret}`);
  writeFileSync(`${REPO}/docs/recording.svg`, svg);
  process.stdout.write(`${lines.map((line) => textOf(line).trimEnd()).join('\n')}\n`);
} finally {
  await cli('down').catch(() => {});
  sentry.stdin.end();
  rmSync(base, { recursive: true, force: true });
}

async function record(): Promise<void> {
  await type('npx mcp-supervisor up');
  await type('echo "SENTRY_AUTH_TOKEN=$READ_ONLY_TOKEN" > .env    # it starts by itself');
  await sentryIs((row) => row.state === 'ready');
  const token = readFileSync(join(shop, '.mcp-supervisor/token'), 'utf8').trim();
  const client = await connect({ url: 'http://127.0.0.1:7420/sentry/mcp', token });
  await client.text('whoami');
  await type('npx mcp-supervisor status');

  // A client calls on and on. The SDK throws where a call fails or the session is gone.
  let over = false;
  const calls = (async () => {
    for (let count = 1; ; count++) {
      await client.text('whoami');
      if (over) return count;
    }
  })();
  await type('echo "SENTRY_AUTH_TOKEN=$NEW_TOKEN" > .env          # rotate it, while a client calls tools');
  await sentryIs((row) => row.generation === 2 && row.state === 'ready');
  over = true;
  process.stderr.write(`${await calls} calls of a client, none failed\n`);
  await type('npx mcp-supervisor status');
  await client[Symbol.asyncDispose]();
  await type('npx mcp-supervisor down');
}

/** Runs a line on a terminal, and keeps what comes, when it comes, without the longest pauses. */
async function type(line: string): Promise<void> {
  clockMs += LONGEST_PAUSE_MS;
  terminal.write(`\u001b[32m$\u001b[39m \u001b[1m${line}\u001b[22m\r\n`, clockMs);
  clockMs += TYPING_MS;
  const run = spawn('script', ['-qec', `stty cols ${COLUMNS} rows 50; ${line}`, '/dev/null'], {
    cwd: shop,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = Date.now();
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    clockMs += Math.min(Date.now() - last, LONGEST_PAUSE_MS);
    last = Date.now();
    terminal.write(text, clockMs);
  });
  const [code] = await once(run, 'close');
  if (code !== 0) throw new Error(`${line} exited with ${code}`);
}

function sentryIs(matches: (row: StatusReport['servers'][number]) => boolean): Promise<unknown> {
  return until('sentry is as wanted', async () => {
    const { servers } = JSON.parse((await cli('status', '--json')).stdout) as StatusReport;
    return servers.some((row) => row.name === 'sentry' && matches(row));
  });
}

function cli(...args: readonly string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [`${REPO}/dist/bin/mcp-supervisor.js`, ...args], {
    cwd: shop,
    env,
  });
}

/** A project that has the packages installed. */
function makeProject(): void {
  const bin = join(shop, 'node_modules/.bin/mcp-supervisor');
  mkdirSync(dirname(bin), { recursive: true });
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${REPO}/dist/bin/mcp-supervisor.js' "$@"\n`);
  chmodSync(bin, 0o755);
  for (const scope of ['@sentry', '@modelcontextprotocol'])
    symlinkSync(`${REPO}/node_modules/${scope}`, join(shop, 'node_modules', scope));
  writeFileSync(join(shop, 'package.json'), '{ "name": "shop", "private": true }\n');
  writeFileSync(join(shop, 'ecosystem.config.ts'), CONFIG);
}
