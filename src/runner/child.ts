import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { hasCode, messageOf } from '../errors.ts';
import type { Launch, StopLadder } from '../model.ts';
import { endGroup } from './process-group.ts';

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnFailure {
  readonly code: string;
  readonly message: string;
}

/** How long the pipes of a child that has exited may stay open in the hands of its own children. */
const LINGER_MS = 500;

/** The one child of a runner: spawned as the leader of its own process group. */
export class Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Settles when the child has exited and its output has been read to the end. Never rejects. */
  readonly exited: Promise<ChildExit>;
  #stopping: Promise<void> | null = null;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.process = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        // A grandchild that inherited the pipes can hold them open for ever. What the child itself left
        // in them is read at once: Node lets them flow when a child has exited, whoever held them back.
        const linger = setTimeout(() => resolve({ code, signal }), LINGER_MS);
        child.once('close', () => {
          clearTimeout(linger);
          resolve({ code, signal });
        });
      });
    });
    // A write that the child did not live to read; its exit says what happened.
    child.stdin.on('error', () => {});
  }

  /** Resolves once the program runs, or with the reason why it cannot. */
  static async spawn(launch: Launch): Promise<Child | SpawnFailure> {
    const problem = problemWithFolder(launch.cwd);
    if (problem !== null) return problem;
    try {
      const child = spawn(launch.command, launch.args, {
        cwd: launch.cwd,
        env: launch.env,
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      return await new Promise((resolve) => {
        child.once('error', (error) => resolve(spawnFailure(launch.command, error)));
        child.once('spawn', () => resolve(new Child(child)));
      });
    } catch (error) {
      // Some failures are thrown rather than emitted, e.g. a NUL byte in an argument.
      return spawnFailure(launch.command, error);
    }
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** The stop ladder: stdin EOF, SIGTERM, SIGKILL to the group; then whatever is left of the group. */
  stop(ladder: StopLadder): Promise<void> {
    this.#stopping ??= this.#stop(ladder);
    return this.#stopping;
  }

  async #stop(ladder: StopLadder): Promise<void> {
    this.process.stdin.end();
    await this.#exitedWithin(ladder.eofMs);
    await endGroup(this.pid, ladder.termMs);
    await this.exited;
  }

  async #exitedWithin(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      this.exited,
      new Promise((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      }),
    ]);
    clearTimeout(timer);
  }
}

/** The exit code by which a shell would report it: 128 + n for signal n. */
export function exitCodeOf({ code, signal }: ChildExit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function problemWithFolder(cwd: string): SpawnFailure | null {
  try {
    if (statSync(cwd).isDirectory()) return null;
    return { code: 'ENOTDIR', message: `its cwd ${cwd} is not a folder` };
  } catch (error) {
    // Left to spawn, this would read as if the command were missing.
    return { code: 'ENOENT', message: `its cwd ${cwd} cannot be used: ${messageOf(error)}` };
  }
}

function spawnFailure(command: string, error: unknown): SpawnFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  if (hasCode(error, 'ENOENT')) return { code, message: `the command ${command} was not found` };
  // Of a bare name: a folder of PATH, or what is in it, may not be used, and no other folder has it.
  if (hasCode(error, 'EACCES') && /^\w[^/\\]*$/.test(command))
    return { code, message: `the command ${command} was not found where PATH may be used` };
  if (hasCode(error, 'EACCES')) return { code, message: `the command ${command} is not executable` };
  if (hasCode(error, 'E2BIG')) return { code, message: 'its arguments and environment are too long' };
  // Node's own message quotes the value, which may be a secret.
  if (hasCode(error, 'ERR_INVALID_ARG_VALUE')) {
    return { code, message: 'its command, arguments or environment hold a NUL byte' };
  }
  return { code, message: `${command} could not be started: ${messageOf(error)}` };
}
