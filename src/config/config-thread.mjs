/**
 * The program of the thread that runs a config: see `run-config.ts`. Plain JavaScript, since a thread is
 * started from the file itself, also where the sources are not compiled.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createJiti } from 'jiti';

/** @type {{ file: string, publicEntry: string, check?: { server: string, env: Record<string, string> } }} */
const { file, publicEntry, check } = workerData;

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
const config = await (isEsModule ? module['default'] : module);
if (config === undefined) {
  throw new Error('it has no default export; write `export default defineConfig({ … })`');
}
const result = check === undefined ? config : await answerOf(config, check);
// A function is no config.
parentPort?.postMessage(asData(typeof result === 'function' ? null : result));

/**
 * What the `check` of a server says, where it is a function.
 * @param {any} config
 * @param {{ server: string, env: Record<string, string> }} check
 */
function answerOf(config, { server, env }) {
  const { check: ask } = config.servers[server];
  return ask({ env });
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
