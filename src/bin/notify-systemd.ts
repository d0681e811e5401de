import { execFile } from 'node:child_process';
import { messageOf } from '../errors.ts';

const TIMEOUT_MS = 10_000;

/**
 * Tells systemd, or whoever else listens on NOTIFY_SOCKET, how we are: `READY=1`, `STATUS=…`. Node
 * cannot send datagrams to a unix socket, so `systemd-notify` does. Where nobody listens it does nothing.
 * Messages arrive in the order in which they were given; the promise never rejects.
 */
export function systemdNotifier(
  env: Readonly<Record<string, string>>,
  onProblem: (problem: string) => void,
): (...assignments: readonly string[]) => Promise<void> {
  const { NOTIFY_SOCKET: socket, PATH: path } = env;
  if (!socket) return async () => {};
  let last = Promise.resolve();
  let failing = false;
  return (...assignments) => {
    last = last.then(async () => {
      const problem = await notify(assignments, { NOTIFY_SOCKET: socket, PATH: path });
      if (problem !== null && !failing)
        onProblem(`NOTIFY_SOCKET is set, but systemd-notify failed: ${problem}\n`);
      failing = problem !== null;
    });
    return last;
  };
}

function notify(assignments: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { env, timeout: TIMEOUT_MS };
    execFile('systemd-notify', assignments, options, (error) => resolve(error && messageOf(error)));
  });
}
