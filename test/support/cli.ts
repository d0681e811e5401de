import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HANG_MS } from './until.ts';

export const REPO = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const CLI = `${REPO}/dist/bin/mcp-supervisor.js`;
export const fixture = (name: string) => `${REPO}/test/fixtures/servers/${name}.mjs`;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly process: ChildProcess;
  /** What it has printed to stdout so far. */
  readonly output: () => string;
  /** And to stderr. */
  readonly errors: () => string;
  readonly outcome: Promise<Outcome>;
}

/** Runs the built CLI as a user would, and ends it if it hangs. */
export function startCli(
  cwd: string,
  env: Record<string, string>,
  args: readonly string[],
  input?: string,
): Run {
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(process.execPath, [CLI, ...args], { cwd, env, stdio: [stdin, 'pipe', 'pipe'] });
  // Not every verb reads it to its end.
  child.stdin?.on('error', () => {}).end(input);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`mcp-supervisor ${args.join(' ')} hangs; so far: ${stdout}${stderr}`));
    }, 2 * HANG_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(hang);
      resolve({ code, stdout, stderr });
    });
  });
  return { process: child, output: () => stdout, errors: () => stderr, outcome };
}
