/**
 * The same calls through other products, installed under bench/peers. One that does not come up is
 * listed with the reason. Targets: a lower p50 and more calls per second than every one of them.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openHttp, openSse } from './lib/client.mjs';
import { compare } from './lib/comparison.mjs';
import { stopAtInterrupt } from './lib/interrupted.mjs';
import { treeOf } from './lib/proc.mjs';
import { median, print, verdict } from './lib/report.mjs';
import { direct, ended, floor, ours, tiny } from './lib/systems.mjs';

const START_TIMEOUT_MS = 60_000;
const FLOOR = 'floor (SSE)';
const node = process.execPath;
/** Of each: its arguments for a port and a folder of its own, where it listens, and how it is spoken to. */
const PRODUCTS = {
  'mcp-hub': {
    args: (port, dir) => {
      const config = join(dir, 'servers.json');
      writeFileSync(config, JSON.stringify({ mcpServers: { tiny } }));
      return ['--port', port, '--config', config];
    },
    open: openSse,
  },
  'mcp-proxy': {
    args: (port) => ['--host', '127.0.0.1', '--port', port, '--server', 'stream', '--', node, ...tiny.args],
    open: openHttp,
  },
  supergateway: {
    args: (port) => [
      '--stdio',
      `${node} ${tiny.args.join(' ')}`,
      '--outputTransport',
      'streamableHttp',
      '--stateful',
      '--logLevel',
      'none',
      '--port',
      port,
    ],
    open: openHttp,
  },
};

const products = Object.entries(PRODUCTS).map(([name, product]) => [name, installed(name), product]);
const missing = products.filter(([, found]) => found === null).map(([name]) => name);
if (missing.length > 0) print(`not installed (npm ci --prefix bench/peers): ${missing.join(', ')}\n`);
const peers = products
  .filter(([, found]) => found !== null)
  .map(([name, found, product]) => [`${name} ${found.version}`, () => startPeer(found.script, product)]);

const systems = { direct, [FLOOR]: floor('sse'), ours, ...Object.fromEntries(peers) };
const { calls } = await compare(systems, { base: 'direct', floor: FLOOR });

const running = peers.map(([name]) => calls.get(name)).filter(({ failed }) => failed === null);
const mine = calls.get('ours');
const small = running.map((row) => median(row.small));
const rate = running.map((row) => median(row.rate));
print(`\np50 of 100 bytes below every peer: ${verdict(small.every((ms) => median(mine.small) < ms))}`);
print(`calls per second above every peer: ${verdict(rate.every((calls) => median(mine.rate) > calls))}`);

async function startPeer(script, { args, open }) {
  const dir = mkdtempSync(join(tmpdir(), 'mcps-peer-'));
  const port = String(await freePort());
  const child = spawn(node, [script, ...args(port, dir)], {
    cwd: dir,
    // A home of its own: some keep state there.
    env: { PATH: process.env.PATH, HOME: dir, XDG_STATE_HOME: dir, XDG_CONFIG_HOME: dir },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  const stop = stopAtInterrupt(async () => {
    const left = treeOf(child.pid).slice(1);
    await ended(child);
    for (const pid of left) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  try {
    await untilItAnswers(() => open({ url }), child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { open: (options) => open({ url }, options), pids: () => treeOf(child.pid), stop };
}

async function untilItAnswers(open, child) {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await (await open()).close();
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`it exited with ${child.exitCode}`);
      if (performance.now() > deadline) throw new Error(`does not come up: ${error.message}`);
      await sleep(250);
    }
  }
}

/** Its program and version, or null. */
function installed(name) {
  const root = new URL(`peers/node_modules/${name}/`, import.meta.url);
  if (!existsSync(root)) return null;
  const { version, bin } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const file = typeof bin === 'string' ? bin : bin[name];
  return { version, script: fileURLToPath(new URL(file, root)) };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
