import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { hasCode, messageOf } from '../errors.ts';

/** What `env`, `timeout` and `nohup` exit with where they cannot run what they are given. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;

const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];
/** A terminal sends these to the command as well as to us. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onProblem: (problem: string) => void;
}

/**
 * Runs a program as if it stood in this one's place: it has our stdin, stdout and stderr, and gets our
 * signals. Resolves with its exit code; where a signal ended it, that signal ends this process as well.
 */
export function runCommand({ program, args, env, onProblem }: Command): Promise<number> {
  const onTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  return new Promise((resolve) => {
    const failed = (error: unknown) => {
      onProblem(`${program} cannot be run: ${reasonOf(error)}\n`);
      resolve(hasCode(error, 'ENOENT') ? NOT_FOUND : NOT_RUNNABLE);
    };
    try {
      const child = spawn(program, [...args], { env: { ...env }, stdio: 'inherit' });
      for (const signal of PASSED_ON) {
        const isSent = onTerminal && FROM_TERMINAL.includes(signal);
        process.on(signal, () => !isSent && child.kill(signal));
      }
      child.once('error', failed);
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : endBy(signal)));
    } catch (error) {
      // Some failures are thrown rather than emitted, such as an argument with a NUL byte.
      failed(error);
    }
  });
}

/** The exit code is what a shell makes of a signal, for one that does not end us. */
function endBy(signal: NodeJS.Signals): number {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}

function reasonOf(error: unknown): string {
  if (hasCode(error, 'ENOENT')) return 'there is no such program';
  if (hasCode(error, 'EACCES')) return 'it is not executable';
  // Node does not start batch files without a shell.
  if (hasCode(error, 'EINVAL') && process.platform === 'win32') return 'run it with `cmd /c`';
  return messageOf(error);
}
