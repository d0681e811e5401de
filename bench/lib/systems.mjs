/** Ways to reach the same small server: each can open client sessions, and knows its processes. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openHttp, openStdio } from './client.mjs';
import { stopAtInterrupt } from './interrupted.mjs';
import { treeOf } from './proc.mjs';
import { endpointOf, fixture, Project } from './project.mjs';

const FLOOR = fileURLToPath(new URL('floor-server.mjs', import.meta.url));
export const tiny = { command: process.execPath, args: [fixture('tiny')] };

/** Each session starts a child of its own and talks to its stdin and stdout. */
export async function direct() {
  const children = new Set();
  return {
    open: () => {
      const child = spawn(tiny.command, tiny.args, { stdio: ['pipe', 'pipe', 'ignore'] });
      children.add(child);
      child.once('close', () => children.delete(child));
      return openStdio(child);
    },
    pids: () => [...children].map(({ pid }) => pid),
    stop: async () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** The SDK's own HTTP server, which answers by itself; `mode` is sse, its default, or json. */
export const floor = (mode) => async () => {
  const child = spawn(process.execPath, [FLOOR, mode], { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(Number(chunk)));
    child.once('exit', () => reject(new Error('the floor did not start: run `npm ci --prefix bench` first')));
  });
  return {
    open: (options) => openHttp({ url: `http://127.0.0.1:${port}/mcp` }, options),
    pids: () => treeOf(child.pid),
    stop: stopAtInterrupt(() => ended(child)),
  };
};

/** mcp-supervisor in front of one shared child. */
export async function ours() {
  const project = new Project({ tiny });
  try {
    await project.run('up');
    const endpoint = endpointOf(await project.status(), project);
    const daemon = Number(readFileSync(project.file('.mcp-supervisor', 'pm2', 'pm2.pid'), 'latin1'));
    return {
      open: (options) => openHttp(endpoint, options),
      pids: () => treeOf(daemon),
      stop: () => project.remove(),
    };
  } catch (error) {
    await project.remove();
    throw error;
  }
}

/** Ends a child that we started, and waits for it. */
export function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
