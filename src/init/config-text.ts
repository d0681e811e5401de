import { basename } from 'node:path';
import { configText } from '../clients/references.ts';
import type { NamedServer } from './names.ts';
import type { SentryOptionsText } from './sentry-entry.ts';

/** A server as it is written; what `sentry` makes of it where that fits. */
export interface ConfigServer extends NamedServer {
  readonly sentry: SentryOptionsText | null;
}

type Value = string | boolean | readonly string[] | { readonly [key: string]: Value };

const MAX_LINE = 100;

/** `ecosystem.config.ts`: valid whatever the texts hold, and fit to be read. */
export function configFileText(servers: readonly ConfigServer[], place: (file: string) => string): string {
  const names = servers.some(({ sentry }) => sentry !== null) ? 'defineConfig, sentry' : 'defineConfig';
  const entries = servers.flatMap((server) => entry(server, place));
  return [
    `import { ${names} } from 'mcp-supervisor';`,
    '',
    '// The MCP servers of this project. `mcp-supervisor up` starts them; a change of this file or of .env is',
    '// applied when it is saved. docs/config.md of mcp-supervisor lists every key.',
    'export default defineConfig({',
    '  // ${NAME} in the texts below comes from these files, or else from the environment of `up`.',
    "  envFiles: ['.env'],",
    '  // Clients find each server at http://127.0.0.1:7420/<server>/mcp. Two projects need two ports.',
    '  gateway: { port: 7420 },',
    '  servers: {',
    ...(entries.length === 0 ? EXAMPLE : entries),
    '  },',
    '});',
    '',
  ].join('\n');
}

const EXAMPLE = [
  '    // What a server sees of the environment is a small safe base, and what its `env` says:',
  "    // everything: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything'] },",
  "    // own: { command: 'node', args: ['server.js'], env: { API_KEY: '${MY_KEY}' } },",
];

function entry({ name, server, alsoIn, sentry }: ConfigServer, place: (file: string) => string): string[] {
  const from = server.file === '' ? [] : [server.file, ...alsoIn].map(place);
  const where = from.length === 0 ? [] : [`    // From ${comment(from.join(', '))}`];
  const cwd = server.cwd === null ? {} : { cwd: configText(server.cwd) };
  const envFiles = server.envFiles.length === 0 ? {} : { envFiles: server.envFiles.map(plain) };
  if (sentry !== null) {
    const options: Record<string, Value> = { ...sentry, ...cwd, ...envFiles };
    const text =
      Object.keys(options).length === 0 ? '' : literalOf(options, '    ', `${name}: sentry(`.length);
    return [...where, `    // ${SENTRY_NOTE}`, `    ${key(name)}: sentry(${text}),`];
  }
  const env = Object.entries(server.env).map(([variable, value]) => [variable, configText(value)]);
  const plainEntry: Record<string, Value> = {
    command: configText(server.command),
    ...(server.args.length === 0 ? {} : { args: server.args.map(configText) }),
    ...(env.length === 0 ? {} : { env: Object.fromEntries(env) }),
    ...cwd,
    ...envFiles,
  };
  return [...where, `    ${key(name)}: ${literalOf(plainEntry, '    ', name.length + 2)},`];
}

const SENTRY_NOTE = 'Takes its token from SENTRY_AUTH_TOKEN. `addScopes: []` makes it read-only.';

/** Env files are paths, and not interpolated. */
function plain(template: Parameters<typeof configText>[0]): string {
  return template.map((part) => (part.kind === 'text' ? part.text : `\${${part.name}}`)).join('');
}

/** On one line where it fits, else a line for each key. */
function literalOf(value: Value, indent: string, used: number): string {
  const flat = flatText(value);
  if (flat.length + indent.length + used < MAX_LINE || typeof value !== 'object') return flat;
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item: string) => `${deeper}${quoted(item)},\n`)
    : Object.entries(value).map(([name, item]) => {
        return `${deeper}${key(name)}: ${literalOf(item, deeper, name.length + 2)},\n`;
      });
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.join('')}${indent}${close}`;
}

function flatText(value: Value): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(quoted).join(', ')}]`;
  const pairs = Object.entries(value).map(([name, item]) => `${key(name)}: ${flatText(item)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** A literal with single quotes that is this very text, on one line. */
export function quoted(text: string): string {
  // JSON escapes what is special in JavaScript too, but for these two line separators.
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

function key(name: string): string {
  // Written as a plain key it would set the prototype.
  if (name === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** A path may hold anything but NUL; a comment ends with its line. */
function comment(text: string): string {
  return quoted(text).slice(1, -1).replaceAll("\\'", "'");
}

/** How a file is called in a comment. */
export function fileLabel(file: string, root: string, home: string): string {
  if (file.startsWith(`${root}/`) || file.startsWith(`${root}\\`)) return file.slice(root.length + 1);
  if (file.startsWith(`${home}/`) || file.startsWith(`${home}\\`)) return `~${file.slice(home.length)}`;
  return basename(file);
}
