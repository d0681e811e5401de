import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createJiti } from 'jiti';
import { hasCode, messageOf, SupervisorError } from '../errors.ts';
import { pathText } from './problems.ts';
import { type Config, parseConfig } from './schema.ts';

/** A config may await something, but not for ever. */
const LOAD_TIMEOUT_MS = 10_000;

/** Loads and checks a config; `publicEntry` is what `import … from 'mcp-supervisor'` means in it. */
export async function loadConfig(file: string, options: { readonly publicEntry: string }): Promise<Config> {
  const raw = file.endsWith('.json') ? readJson(file) : await importDefault(file, options.publicEntry);
  refusePm2Config(file, raw);
  const result = parseConfig(raw);
  if (result.ok) return result.config;
  const lines = result.problems.map(({ path, message }) => `${basename(file)}: ${pathText(path)} ${message}`);
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  throw new SupervisorError(
    'config.invalid',
    `The config has ${count}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
    `Correct ${file}; docs/config.md of mcp-supervisor lists every key.`,
  );
}

/** Loaded anew each time, with what it imports, and compiled in memory: a cache could hold secrets. */
async function importDefault(file: string, publicEntry: string): Promise<unknown> {
  const jiti = createJiti(file, {
    moduleCache: false,
    fsCache: false,
    tryNative: false,
    interopDefault: true,
    alias: { 'mcp-supervisor': publicEntry },
  });
  try {
    return await withTimeout(jiti.import(file, { default: true }));
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function withTimeout(loading: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const message = `it was not loaded after ${LOAD_TIMEOUT_MS / 1000} s; something in it waits for ever`;
    timer = setTimeout(() => reject(new Error(message)), LOAD_TIMEOUT_MS);
  });
  try {
    return await Promise.race([loading, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unreadable(file, error);
  }
}

function refusePm2Config(file: string, raw: unknown): void {
  if (typeof raw !== 'object' || raw === null || !('apps' in raw)) return;
  const hint = "List MCP servers under `servers`, or name this tool's config with --config FILE.";
  throw new SupervisorError('config.invalid', `${file} is a pm2 config: it has \`apps\``, hint);
}

/** Only the first line of the cause: a syntax error's next ones quote the file, and maybe a secret in it. */
function unreadable(file: string, cause: unknown): SupervisorError {
  const what = hasCode(cause, 'ENOENT') ? 'it is gone' : (messageOf(cause).split('\n')[0] ?? '');
  const reason =
    cause instanceof SyntaxError && file.endsWith('.json') ? what.replace(/"[^"]*"\.\.\. /, '') : what;
  return new SupervisorError(
    'config.unreadable',
    `${file} cannot be loaded: ${reason}`,
    'Correct it; saving is enough.',
    {
      cause,
    },
  );
}
