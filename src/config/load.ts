import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { hasCode, messageOf, SupervisorError } from '../errors.ts';
import { createRedactor } from '../logs/redact.ts';
import { pathText } from './problems.ts';
import { runConfig } from './run-config.ts';
import { type Config, parseConfig } from './schema.ts';

/** Loads and checks a config; `publicEntry` is what `import … from 'mcp-supervisor'` means in it. */
export async function loadConfig(file: string, options: { readonly publicEntry: string }): Promise<Config> {
  const raw = await readConfig(file, options.publicEntry);
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

async function readConfig(file: string, publicEntry: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8'));
    return await runConfig(file, publicEntry);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function refusePm2Config(file: string, raw: unknown): void {
  if (typeof raw !== 'object' || raw === null || !('apps' in raw)) return;
  const hint = "List MCP servers under `servers`, or name this tool's config with --config FILE.";
  throw new SupervisorError('config.invalid', `${file} is a pm2 config: it has \`apps\``, hint);
}

function unreadable(file: string, cause: unknown): SupervisorError {
  const reason = hasCode(cause, 'ENOENT') ? 'it is gone' : problemOf(cause);
  const message = `${file} cannot be loaded: ${reason}`;
  return new SupervisorError('config.unreadable', message, 'Correct it; saving is enough.', { cause });
}

/** A value without its quotes is a name that is not defined. */
const hideTokens = createRedactor([]);
/** JSON.parse quotes what it stumbles over, and that may be a secret. */
const JSON_QUOTE = /(?:, )?(?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s;

/** The first line of the cause, and the place that a syntax error names; the lines between may quote the file. */
export function problemOf(cause: unknown): string {
  const text = hideTokens(messageOf(cause)).replace(JSON_QUOTE, ', so it is no JSON');
  const [what = '', ...more] = text.split('\n');
  const place = more
    .map((line) => /^\s*(\S.*:\d+:\d+)$/.exec(line)?.[1])
    .find((found) => found !== undefined);
  return place === undefined ? what.trim() : `${what.trim()} at ${place}`;
}
