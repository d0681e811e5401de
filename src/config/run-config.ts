import { Worker } from 'node:worker_threads';

/** A config may await something, but not for ever. */
const LIMIT_MS = 10_000;

/**
 * Runs a config file and returns what it exports by default; `publicEntry` is what
 * `import … from 'mcp-supervisor'` means in it.
 */
export async function runConfig(file: string, publicEntry: string): Promise<unknown> {
  const thread = startConfigThread(file, publicEntry);
  try {
    return await loaded(thread);
  } finally {
    await thread.terminate();
  }
}

/**
 * A config is somebody else's program, so it gets a thread of its own each time: all that it imports is
 * read anew, and one that loops, exits or rejects does so without the supervisor.
 */
export function startConfigThread(file: string, publicEntry: string): Worker {
  const program = new URL('./config-thread.mjs', import.meta.url);
  return new Worker(program, { name: 'config', workerData: { file, publicEntry } });
}

function loaded(thread: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`it was not loaded after ${LIMIT_MS / 1000} s; something in it takes for ever`));
    }, LIMIT_MS);
    const settle = (then: () => void) => {
      clearTimeout(limit);
      then();
    };
    thread.once('message', (message) => settle(() => resolve(message?.config)));
    thread.once('error', (error) => settle(() => reject(error)));
    thread.once('exit', () => settle(() => reject(new Error('it ended before it had exported anything'))));
  });
}
