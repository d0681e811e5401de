import { spawn } from 'node:child_process';
import { hasCode } from '../../errors.ts';
import type { CommandLine } from '../npx.ts';

export interface ProbeOptions {
  readonly cwd: string;
  /** The safe base: a probe is given no token. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const MAX_CHARACTERS = 64 * 1024;

/** What `command args --help` prints; null where it cannot be started, or does not end in time. */
export async function readHelp(start: CommandLine, options: ProbeOptions): Promise<string | null> {
  const stop = AbortSignal.any([
    AbortSignal.timeout(options.timeoutMs),
    ...(options.signal ? [options.signal] : []),
  ]);
  // A group of its own, since npx and wrapper scripts have children that would outlive them.
  const child = spawn(start.command, [...start.args, '--help'], {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  let output = '';
  const collect = (chunk: string): void => {
    output = (output + chunk).slice(0, MAX_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);

  return new Promise((resolve) => {
    const end = (help: string | null): void => {
      killGroup(child.pid);
      resolve(help);
    };
    stop.addEventListener('abort', () => end(null), { once: true });
    if (stop.aborted) end(null);
    child.once('error', () => end(null));
    child.once('close', () => end(output));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    // Gone already, as it should be; macOS says EPERM of a group of zombies.
    if (!hasCode(error, 'ESRCH', 'EPERM')) throw error;
  }
}
