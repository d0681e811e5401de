import type { FoundServer } from '../clients/read-servers.ts';
import { requiredBy, type Template, variablesOf } from '../clients/references.ts';
import { TOKEN_VARIABLES } from '../servers/sentry/token.ts';
import type { SentryOptionsText } from './sentry-entry.ts';

/** A variable that the config reads. */
export interface ReadVariable {
  readonly name: string;
  /** Whether there is no default. */
  readonly needed: boolean;
}

/** Nobody puts these into an env file; the last one stands for a `$`. */
const IN_EVERY_SHELL = new Set([
  'HOME',
  'USERPROFILE',
  'PATH',
  'USER',
  'PWD',
  'TMPDIR',
  'MCP_SUPERVISOR_DOLLAR',
]);

export function templatesOf({ command, args, env, cwd }: FoundServer): readonly Template[] {
  return [command, ...args, ...Object.values(env), cwd ?? []];
}

/** The variables that a server of the config reads; `sentry` is what is written for a Sentry server. */
export function readVariables(server: FoundServer, sentry: SentryOptionsText | null): ReadVariable[] {
  return sentry === null ? readBy(server) : [...readByText(sentry), ...readByItself(sentry)];
}

function readBy(server: FoundServer): ReadVariable[] {
  const templates = templatesOf(server);
  const needed = new Set(templates.flatMap(requiredBy));
  const names = templates.flatMap(variablesOf).filter((name) => !IN_EVERY_SHELL.has(name));
  return names.map((name) => ({ name, needed: needed.has(name) }));
}

function readByText(sentry: SentryOptionsText): ReadVariable[] {
  const text = JSON.stringify(sentry).replaceAll('$${', '');
  return [...text.matchAll(/\$\{([A-Za-z_]\w*)(:-)?/g)]
    .map(([, name = '', fallback]) => ({ name, needed: fallback === undefined }))
    .filter(({ name }) => !IN_EVERY_SHELL.has(name));
}

function readByItself({ env }: SentryOptionsText): ReadVariable[] {
  return env?.['SENTRY_ACCESS_TOKEN'] === undefined ? [{ name: TOKEN_VARIABLES[0], needed: true }] : [];
}
