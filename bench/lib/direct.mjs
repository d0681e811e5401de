/** A server started without us, as an MCP client does it: spawn, initialize, initialized, tools/list. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The time from spawn to the answer to tools/list in ms. The server is ended again, outside that time. */
export async function coldStart({ command, args, env = {} }) {
  const started = performance.now();
  const server = await start({ command, args, env });
  const ms = performance.now() - started;
  await server.stop();
  return ms;
}

/** Starts a server and shakes hands with it; resolves when its tools are known. */
export async function start({ command, args, env = {} }) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
  });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const ask = (id, method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(id, resolve);
      void ended.then((code) => reject(new Error(`the server exited with ${code}`)));
      send({ id, method, params });
    });
  const clientInfo = { name: 'bench', version: '1.0.0' };
  await ask(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  send({ method: 'notifications/initialized' });
  await ask(2, 'tools/list', {});
  return {
    pid: child.pid,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
