import { Worker } from 'node:worker_threads';
import type { ServerName } from '../model.ts';

/** A config may await something, but not for ever. */
const LIMIT_MS = 10_000;

/**
 * Runs a config file and returns what it exports by default; `publicEntry` is what
 * `import … from 'mcp-supervisor'` means in it.
 *
 * A config is somebody else's program, so it gets a thread of its own each time: all that it imports is
 * read anew, and one that loops, exits or rejects does so without the supervisor.
 */
export function runConfig(file: string, publicEntry: string): Promise<unknown> {
  return inThread({ file, publicEntry }, new AbortController().signal);
}

/** What a config is to find out about the credentials of one of its servers. */
export interface ConfigCheck {
  readonly server: ServerName;
  readonly env: Readonly<Record<string, string>>;
}

/** Calls the `check` of a server in the config, which must be a function there, and returns what it does. */
export function runCheck(
  file: string,
  publicEntry: string,
  check: ConfigCheck,
  signal: AbortSignal,
): Promise<unknown> {
  return inThread({ file, publicEntry, check }, signal);
}

async function inThread(workerData: object, signal: AbortSignal): Promise<unknown> {
  const thread = new Worker(new URL('./config-thread.mjs', import.meta.url), {
    name: 'config',
    workerData,
    stdout: true,
  });
  // stdout belongs to our results.
  thread.stdout.pipe(process.stderr, { end: false });
  try {
    return await outcome(thread, signal);
  } finally {
    await thread.terminate();
  }
}

function outcome(thread: Worker, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      settle(() =>
        reject(new Error(`it was not loaded after ${LIMIT_MS / 1000} s; something in it takes for ever`)),
      );
    }, LIMIT_MS);
    const abort = () => settle(() => reject(signal.reason));
    const settle = (then: () => void) => {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
      then();
    };
    signal.addEventListener('abort', abort);
    thread.once('message', (config) => settle(() => resolve(config)));
    thread.once('error', (error) => settle(() => reject(error)));
    thread.once('exit', () => settle(() => reject(new Error('it ended before it had exported anything'))));
    if (signal.aborted) abort();
  });
}
