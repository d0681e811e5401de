import type { ServerName } from '../model.ts';
import type { SeenProcess } from './process-look.ts';
import { RUNS_SCRIPTS, type ServerProgram } from './server-programs.ts';

export interface Orphan {
  readonly seen: SeenProcess;
  readonly server: ServerName;
}

export interface OrphanContext {
  /** The project's folder, without symlinks. */
  readonly root: string;
  readonly programs: readonly ServerProgram[];
  /** Processes that are looked after, or dealt with elsewhere, with all below them: our runners, ourselves. */
  readonly keepers: ReadonlySet<number>;
  /** Who started us, which is no orphan to end. */
  readonly spared: ReadonlySet<number>;
  /** Process groups that are looked after. */
  readonly groups: ReadonlySet<number>;
}

/** What takes in the children of those that died, besides process 1. */
const REAPERS = /^(?:systemd|init|launchd|tini|dumb-init|docker-init|catatonit|runit|s6-svscan)$/;
/** Programs that only wait for the one that they start, so that the client is further up. */
const WRAPPERS = /^(?:sh|bash|dash|zsh|ash|npm|npx|pnpm|yarn|uv|uvx|bunx|corepack)$/;

/**
 * MCP servers of this project whose client is gone. Each sign that it may be something else (a terminal, a
 * client that lives, another project) speaks for leaving it alone.
 */
export function findOrphans(processes: readonly SeenProcess[], context: OrphanContext): Orphan[] {
  const byPid = new Map(processes.map((seen) => [seen.pid, seen]));
  return processes.flatMap((seen) => {
    const program = context.programs.find((one) => isProcessOf(one, seen, context.root));
    const isStdio = /^(?:pipe|socket):/.test(seen.stdin);
    if (program === undefined || !isStdio || isKept(seen, byPid, context)) return [];
    return hasLostItsClient(seen, byPid) ? [{ seen, server: program.name }] : [];
  });
}

/** The same program in this project; or its very command line, run from a folder of this project. */
function isProcessOf(program: ServerProgram, seen: SeenProcess, root: string): boolean {
  const { argv, files, project } = seen;
  const isHere = project === root;
  if (isHere && endsWith(argv, program.argv)) return true;
  const { file, subject, packageName } = program;
  if (file !== null && files.includes(file) && (subject === null || argv.includes(subject)))
    return isHere || (project === null && file.startsWith(`${root}/`));
  return packageName !== null && isHere && files.some((one) => one.includes(`/node_modules/${packageName}/`));
}

/** A script's own interpreter may stand before it, and a program is named with or without its folder. */
function endsWith(argv: readonly string[], wanted: readonly string[]): boolean {
  const before = argv.length - wanted.length;
  if (before < 0 || (before > 0 && !RUNS_SCRIPTS.test(lastPart(argv[0] ?? '')))) return false;
  const tail = argv.slice(before);
  return tail.every(
    (text, index) => text === wanted[index] || (index === 0 && lastPart(text) === lastPart(wanted[0] ?? '')),
  );
}

function isKept(seen: SeenProcess, byPid: ReadonlyMap<number, SeenProcess>, context: OrphanContext): boolean {
  if (context.groups.has(seen.group) || context.spared.has(seen.pid)) return true;
  for (let one: SeenProcess | undefined = seen; one !== undefined; one = byPid.get(one.parent)) {
    if (context.keepers.has(one.pid)) return true;
  }
  return false;
}

function hasLostItsClient(seen: SeenProcess, byPid: ReadonlyMap<number, SeenProcess>): boolean {
  let top = seen;
  for (let parent = byPid.get(top.parent); parent !== undefined; parent = byPid.get(top.parent)) {
    if (!isWrapper(parent) || parent.session !== seen.session) break;
    top = parent;
  }
  const parent = byPid.get(top.parent);
  const isReaped = top.parent === 1 || REAPERS.test(parent?.name ?? '');
  // It leads a session of its own, as services of systemd do, too; a pipe tells whether anybody is at its other end.
  if (top.session === top.pid) return isReaped && seen.stdin.startsWith('pipe:');
  // In another container, or another user's: somebody whom we do not see.
  if (parent === undefined) return isReaped;
  if (REAPERS.test(parent.name)) return true;
  // One is born into its parent's session, and leaves it only to lead its own: so this is not the parent it had.
  if (top.session !== parent.session) return true;
  // Process 1 of a container may be the client itself; whoever led the group was nearer.
  return isReaped && top.group !== top.pid && !byPid.has(top.group);
}

/** An interactive shell is a client of its own: somebody types there. */
function isWrapper({ name, argv }: SeenProcess): boolean {
  if (/^npm (?:exec|run)/.test(argv[0] ?? '') || /^npm (?:exec|run)/.test(name)) return true;
  const program = lastPart(argv[0] ?? '');
  if (/^(?:node|nodejs)$/.test(program)) return /\/(?:npx|npm)-cli\.js$|\/(?:npx|npm)$/.test(argv[1] ?? '');
  if (/^(?:sh|bash|dash|zsh|ash)$/.test(program)) return argv.length > 1 && !argv.includes('-i');
  return WRAPPERS.test(program);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
