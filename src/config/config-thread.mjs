/**
 * The program of the thread that runs a config: see `run-config.ts`. Plain JavaScript, since a thread is
 * started from the file itself, also where the sources are not compiled.
 *
 * It says `{ config }` once that is loaded. Then it calls the `check` of a server at each
 * `{ id, server, env }`, and says `{ id, answer }` or `{ id, problem }`; several may be under way.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createJiti } from 'jiti';

// stdout belongs to our results.
Object.defineProperty(process, 'stdout', { value: process.stderr });
// Before the config can put something else in its place.
const print = process.stderr.write.bind(process.stderr);

/** @type {{ file: string, publicEntry: string }} */
const { file, publicEntry } = workerData;

const jiti = createJiti(file, {
  // Compiled in memory: a cache on disk could hold secrets.
  fsCache: false,
  tryNative: false,
  interopDefault: false,
  alias: { 'mcp-supervisor': publicEntry },
});

/** @type {Record<string, unknown>} */
const module = await jiti.import(file);
const isEsModule = 'default' in module || module['__esModule'] === true;
/** @type {any} */
const config = await (isEsModule ? module['default'] : module);
if (config === undefined) {
  throw new Error('it has no default export; write `export default defineConfig({ … })`');
}
await printed();
// A function is no config.
parentPort?.postMessage({ config: typeof config === 'function' ? null : asData(config) });
parentPort?.on('message', answer);

/**
 * @typedef {object} Call
 * @property {number} id
 * @property {string} server
 * @property {Record<string, string>} env
 *
 * @param {Call | { id: number, problem: string }} call With a `problem`, that is the answer to that call: who
 *   gets it back knows that the thread is not busy.
 */
async function answer(call) {
  if ('problem' in call) return parentPort?.postMessage(call);
  const { id, server, env } = call;
  try {
    const data = asData(await config.servers[server].check({ env }));
    await printed();
    parentPort?.postMessage({ id, answer: data });
  } catch (error) {
    await printed();
    parentPort?.postMessage({ id, problem: textOf(error) });
  }
}

/** What was printed so far has left the thread, which may be ended with what it says next. */
function printed() {
  return new Promise((resolve) => print('', resolve));
}

/** @param {unknown} error Anything can be thrown. */
function textOf(error) {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'it threw something that has no text';
  }
}

/**
 * A copy that can leave the thread. A function becomes a mark, for the one place where it may stand; what is
 * no data otherwise becomes null. The schema says what is wrong with them.
 * @param {unknown} value
 * @param {Map<unknown, unknown>} copies
 * @returns {unknown}
 */
function asData(value, copies = new Map()) {
  if (typeof value === 'function') return { '(function)': true };
  if (typeof value === 'symbol') return null;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  if (copies.has(value)) return copies.get(value);
  /** @type {any} */
  const copy = Array.isArray(value) ? [] : Object.create(null);
  copies.set(value, copy);
  for (const [key, item] of Object.entries(value)) copy[key] = asData(item, copies);
  return copy;
}
