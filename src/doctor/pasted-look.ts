import { basename, dirname, join, relative } from 'node:path';
import { clientFiles } from './client-files.ts';
import { type Diagnosis, nameText, ok, problem } from './finding.ts';
import type { Git, GitView } from './git.ts';
import { findPasted, type KnownSecrets, type Pasted } from './pasted-secrets.ts';
import { readHead } from './read-head.ts';
import { isWithin, realPath } from './tracked-file.ts';

/** Histories of chats make ~/.claude.json grow to hundreds of megabytes; servers stand near its beginning. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_PLACES = 10;

export interface PastedContext {
  /** Without symlinks. */
  readonly root: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly secrets: KnownSecrets;
  /** The gateway's own token, which clients do need: in a file of theirs that nobody else gets it is fine. */
  readonly clientToken: string | null;
  readonly git: Git;
}

/** Tokens in the config, in templates and in the files of MCP clients. */
export async function lookForPasted(context: PastedContext): Promise<Diagnosis[]> {
  const files = new Map<string, string>();
  for (const { path, client } of clientFiles(
    { ...context, platform: process.platform },
    context.configFile,
  )) {
    const real = realPath(path);
    if (real !== null && !files.has(real)) files.set(real, client);
  }
  const found = await Promise.all([...files].map(([file, client]) => lookIn(file, client, context)));
  const findings = found.flatMap(({ diagnosis }) => diagnosis);
  if (findings.some(({ finding }) => finding.status !== 'ok')) return findings;
  const names = [...files.keys()].map((file) => nameOf(file, context.root)).join(', ');
  return [ok('pasted.none', 'No token is pasted into a config or a client’s file', names), ...findings];
}

async function lookIn(
  file: string,
  client: string,
  context: PastedContext,
): Promise<{ diagnosis: Diagnosis[] }> {
  const head = await readHead(file, MAX_BYTES);
  const name = nameOf(file, context.root);
  if (head.kind === 'missing') return { diagnosis: [] };
  if (head.kind === 'bad')
    return {
      diagnosis: [
        ok(`pasted.unread:${name}`, `${name} (${client}) was not looked at`, `It ${head.problem}.`),
      ],
    };
  const cut = head.isWhole
    ? []
    : [ok(`pasted.unread:${name}`, `${name} (${client}) is large`, 'Only its first 8 MB were looked at.')];
  const { clientToken, secrets } = context;
  const pasted = findPasted(head.text, secrets);
  const ours =
    clientToken === null ? [] : findPasted(head.text, new Map([[clientToken, OURS]])).filter(isOurs);
  if (pasted.length === 0 && ours.length === 0) return { diagnosis: cut };
  const view = await context.git.view(file, { history: false });
  const judged = judgePasted({ name, client, pasted, ours, view, isInside: isWithin(file, context.root) });
  return { diagnosis: [...judged, ...cut] };
}

const OURS = 'the gateway’s token';
const isOurs = ({ what }: Pasted) => what === OURS;

export interface PastedFacts {
  readonly name: string;
  readonly client: string;
  readonly pasted: readonly Pasted[];
  /** The gateway's own token. */
  readonly ours: readonly Pasted[];
  readonly view: GitView;
  readonly isInside: boolean;
}

/** In git a secret is lost; in a file of one's own it misses what `.env` gives: rotation and a closed mode. */
export function judgePasted({ name, client, pasted, ours, view, isInside }: PastedFacts): Diagnosis[] {
  const isTracked = view.kind === 'repository' && view.tracked.length > 0;
  const isExposed = isTracked || (isInside && view.kind === 'repository' && !view.ignored);
  const all = [...pasted, ...(isExposed ? ours : [])];
  if (all.length === 0) return [];
  const rest = all.length > MAX_PLACES ? [`${all.length - MAX_PLACES} more`] : [];
  const places = [...all.slice(0, MAX_PLACES).map(placeText), ...rest].join('; ');
  const git = isTracked
    ? ' The file is tracked by git, so whoever gets the repository has it.'
    : isExposed
      ? ' The file is not ignored by git: the next `git add .` takes it.'
      : '';
  return [
    problem(isTracked ? 'error' : 'warning', `pasted:${name}`, {
      title: `A secret is pasted into ${name} (${client})`,
      detail: `${places[0]?.toUpperCase()}${places.slice(1)}.${git}`,
      hint: isTracked
        ? 'Make a new token, put it into .env, write ${NAME} here, and commit that; the old token is in the history for good.'
        : 'Put it into .env, write ${NAME} here, or let the client connect to the supervisor, which needs no token of the server.',
    }),
  ];
}

function placeText({ line, key, what }: Pasted): string {
  return `line ${line}${key === null ? '' : `, key ${key}`}: ${what}`;
}

function nameOf(file: string, root: string): string {
  return nameText(isWithin(file, root) ? join(relative(root, dirname(file)), basename(file)) : file);
}
