import { type ChildProcess, spawn } from 'node:child_process';
import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { CLI } from './cli.ts';
import type { TestProject } from './project.ts';

export interface Bridged extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  /** What the bridge wrote to stderr so far. */
  readonly notes: () => string;
  /** Calls a tool and returns its first text. */
  text(tool: string, args?: Record<string, unknown>): Promise<string>;
}

/** The official client over stdio, with `mcp-supervisor connect` as the command that it starts. */
export async function bridgeTo(
  project: TestProject,
  server: string,
  options: ClientOptions = {},
  prepare: (client: Client) => void = () => {},
): Promise<Bridged> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, 'connect', server],
    cwd: project.dir,
    env: project.shell,
    stderr: 'pipe',
    maxBufferSize: 64 * 1024 * 1024,
  });
  let notes = '';
  transport.stderr?.on('data', (chunk) => {
    notes += chunk;
  });
  const client = new Client({ name: 'test', version: '1.0.0' }, options);
  prepare(client);
  await client.connect(transport);
  return {
    client,
    pid: Number(transport.pid),
    notes: () => notes,
    text: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 });
      return (result as { content: { text?: string }[] }).content[0]?.text ?? '';
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The bridge without a client: what it writes, line by line. */
export interface RawBridge {
  readonly process: ChildProcess;
  readonly lines: () => string[];
  readonly notes: () => string;
  readonly code: Promise<number | null>;
  say(message: Record<string, unknown>): void;
}

export function startBridge(
  project: TestProject,
  args: readonly string[],
  env: Record<string, string> = {},
): RawBridge {
  const child = spawn(process.execPath, [CLI, 'connect', ...args], {
    cwd: project.dir,
    env: { ...project.shell, ...env },
  });
  let output = '';
  let notes = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    notes += text;
  });
  return {
    process: child,
    lines: () => output.split('\n').slice(0, -1),
    notes: () => notes,
    code: new Promise((resolve) => child.once('close', resolve)),
    say: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
  };
}

/** What every client says first. */
export const GREETING = {
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1.0.0' },
  },
};
