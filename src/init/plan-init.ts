import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientId } from '../clients/catalogue.ts';
import { variablesOf } from '../clients/references.ts';
import { readEnvFile } from '../config/env-files.ts';
import { SupervisorError } from '../errors.ts';
import { type FileChange, readText } from '../write-files.ts';
import { type ConfigServer, configFileText, fileLabel } from './config-text.ts';
import { envFileText, exampleText, ignoreText } from './env-files-text.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { NamedServer } from './names.ts';
import { readVariables, templatesOf } from './read-variables.ts';
import { SecretStore } from './secret-store.ts';
import { sentryOptions } from './sentry-entry.ts';
import { tasksText } from './vscode-tasks.ts';

export interface InitRequest {
  /** Where the config goes; everything else goes beside it. */
  readonly configFile: string;
  readonly home: string;
  readonly servers: readonly NamedServer[];
  /** Adds `sentry: sentry()`, where no server is one already. */
  readonly sentry: boolean;
  /** Whether `.vscode/tasks.json` is wanted; where there is a `.vscode` it is in any case. */
  readonly vscode: boolean;
}

/** Everything that `init` will do, worked out before anything is written. */
export interface InitPlan {
  readonly changes: readonly FileChange[];
  readonly names: readonly string[];
  /** The variables whose values move to `.env`. */
  readonly moved: readonly string[];
  /** The variables that the config reads and nobody has given a value here. */
  readonly needed: readonly string[];
  /** Every value that must not be shown. */
  readonly secrets: readonly string[];
  /** The clients that servers came from. */
  readonly clients: readonly ClientId[];
  readonly notes: readonly string[];
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function planInit(request: InitRequest): InitPlan {
  const root = dirname(request.configFile);
  const envFile = join(root, '.env');
  const values = envValues(envFile);
  const notes: string[] = [];
  const named = request.servers.map((one) => withUsableEnv(one, notes));
  const expected = named.flatMap(({ server }) => templatesOf(server).flatMap(variablesOf));
  const store = new SecretStore(values, expected);
  const servers = named.map((one) => configServer(one, store));
  if (request.sentry && !servers.some(({ sentry }) => sentry !== null)) servers.push(sentryPreset(servers));

  const read = servers.flatMap(({ server, sentry }) => readVariables(server, sentry));
  const names = [...new Set([...read.map(({ name }) => name), ...store.moved])];
  const required = new Set(read.filter(({ needed }) => needed).map(({ name }) => name));
  const has = (name: string) => values[name] !== undefined || store.moved.includes(name);
  const label = (file: string) => fileLabel(file, root, request.home);
  const texts: [string, string | null, number?][] = [
    [envFile, envFileText(readText(envFile), store.lines), 0o600],
    [join(root, '.env.example'), exampleText(readText(join(root, '.env.example')), names)],
    [join(root, '.gitignore'), ignoreText(readText(join(root, '.gitignore')))],
    ...tasks(root, request.vscode),
    [request.configFile, configFileText(servers, label)],
  ];
  return {
    changes: texts.flatMap(([path, after, mode]) => change(path, after, mode)),
    names: servers.map(({ name }) => name),
    moved: store.moved,
    needed: names.filter((name) => required.has(name) && !has(name)),
    secrets: store.values,
    clients: [...new Set(request.servers.map(({ server }) => server.client))],
    notes: [...notes, ...openNote(envFile, store)],
  };
}

/** Its mode is its owner's business, but he may not know. */
function openNote(file: string, { moved }: SecretStore): string[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  const open = process.platform !== 'win32' && moved.length > 0 && (mode & 0o077) !== 0;
  return open ? [`${file} can be read by other users of this machine: chmod 600 is safer.`] : [];
}

/** Appending to a file that ends in the middle of a value would change what it says. */
function envValues(file: string): Readonly<Record<string, string>> {
  const reading = readEnvFile(file);
  if (reading.kind === 'bad') {
    const hint = 'Mend it first; nothing was changed.';
    throw new SupervisorError('files.unusable', `${file} ${reading.problem}`, hint);
  }
  return reading.kind === 'ok' ? reading.values : {};
}

function configServer(named: NamedServer, store: SecretStore): ConfigServer {
  const sentry = sentryOptions(named.server, named.name, store);
  return {
    ...named,
    sentry,
    server: sentry === null ? hideSecrets(named.server, named.name, store) : named.server,
  };
}

function sentryPreset(servers: readonly ConfigServer[]): ConfigServer {
  const taken = servers.map(({ name }) => name.toLowerCase());
  const name =
    ['sentry', 'sentry-preset', 'sentry-preset-2'].find((wish) => !taken.includes(wish)) ?? 'sentry-3';
  const nothing = { command: [], args: [], env: {}, cwd: null, envFiles: [] };
  return { name, server: { name, client: 'claude-code', file: '', ...nothing }, alsoIn: [], sentry: {} };
}

/** A config takes names that a shell takes; a client may take others. */
function withUsableEnv(named: NamedServer, notes: string[]): NamedServer {
  const { name, server } = named;
  const entries = Object.entries(server.env);
  const unusable = entries.filter(([key]) => !VARIABLE.test(key)).map(([key]) => key);
  if (unusable.length > 0)
    notes.push(`${name}: these are no names for variables, and were left out: ${unusable.join(', ')}`);
  return {
    ...named,
    server: { ...server, env: Object.fromEntries(entries.filter(([key]) => VARIABLE.test(key))) },
  };
}

function tasks(root: string, wanted: boolean): [string, string | null][] {
  if (!wanted && !existsSync(join(root, '.vscode'))) return [];
  const file = join(root, '.vscode', 'tasks.json');
  return [[file, tasksText(readText(file), file)]];
}

function change(path: string, after: string | null, mode: number | undefined): FileChange[] {
  const before = readText(path);
  if (after === null || after === before) return [];
  return [{ path, before, after, ...(mode === undefined ? {} : { mode }) }];
}
