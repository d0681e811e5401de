import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { hasCode } from '../errors.ts';
import { safeBase } from '../plan/safe-env.ts';

const ASK_MS = 5_000;
/** History is walked to its beginning where a file is not in it. */
const HISTORY_MS = 10_000;
/** Many env files must not become many processes at once. */
const MAX_AT_ONCE = 6;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** What the repository that a path lies in knows of it. */
export type GitView =
  | {
      readonly kind: 'repository';
      /** Its top folder. */
      readonly top: string;
      /** By the rules alone: a tracked file can be ignored, too. */
      readonly ignored: boolean;
      /** In the index: at that path, or below it. */
      readonly tracked: readonly string[];
      /** The newest commit of any branch, tag or stash that has it as a file; null: none. */
      readonly commit: string | null;
      /** Why `commit` is not the whole truth, or null. */
      readonly unsure: string | null;
    }
  | { readonly kind: 'none' }
  /** Git is not installed, or refuses. `why` is a sentence's end. */
  | { readonly kind: 'unknown'; readonly why: string };

type Answer =
  | { readonly kind: 'ran'; readonly code: number; readonly out: string; readonly err: string }
  | { readonly kind: 'failed'; readonly why: string };

/** Nothing that a repository configures is run, nothing is fetched, nothing is written. */
const CONFIG = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'protocol.allow=never',
  'log.showSignature=false',
];

/** Asks git about files. A GIT_DIR of the caller, as hooks have one, must not name the repository. */
export class Git {
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(env: Readonly<Record<string, string>>, signal: AbortSignal) {
    const quiet = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' };
    this.#env = { ...safeBase(env), ...quiet };
    this.#signal = signal;
  }

  /** `path` is absolute and leads through no symlink; it need not exist. */
  async view(path: string, { history }: { readonly history: boolean }): Promise<GitView> {
    const { dir, name } = place(path);
    const where = await this.#run(dir, ['rev-parse', '--is-shallow-repository', '--show-toplevel']);
    if (where.kind === 'failed') return { kind: 'unknown', why: where.why };
    if (where.code !== 0) return refusal(where.err);
    const [shallow, ...top] = where.out.split('\n');
    const [ignored, tracked, commits] = await Promise.all([
      this.isIgnored(path),
      this.#run(dir, ['ls-files', '-z', '--', name], { literal: true }),
      history ? this.#commits(dir, name) : null,
    ]);
    if (ignored === null || tracked.kind === 'failed' || tracked.code !== 0) {
      return { kind: 'unknown', why: tracked.kind === 'failed' ? tracked.why : 'it does not answer' };
    }
    const depth = shallow === 'true' ? 'the clone is shallow' : null;
    return {
      kind: 'repository',
      // A folder's name may end in a newline itself.
      top: top.join('\n').replace(/\n$/, ''),
      ignored,
      tracked: tracked.out.split('\0').filter((file) => file !== ''),
      commit: commits?.kind === 'ran' ? newestFile(commits.out) : null,
      unsure: commits?.kind === 'failed' ? commits.why : commits === null ? null : depth,
    };
  }

  /** null: git cannot tell. */
  async isIgnored(path: string): Promise<boolean | null> {
    const { dir, name } = place(path);
    // From stdin, with ./ before it: a name may be anything, also `:(glob)` or many lines.
    const args = ['check-ignore', '--no-index', '-z', '--stdin'];
    const answer = await this.#run(dir, args, { input: `./${name}\0` });
    return answer.kind === 'ran' && answer.code <= 1 ? answer.code === 0 : null;
  }

  /** Merges compared with each parent, since a merge can add a file by itself. */
  #commits(dir: string, name: string): Promise<Answer> {
    const args = ['log', '--all', '--full-history', '-m', '--raw', '--no-renames', '--format=commit %h'];
    return this.#run(dir, [...args, '--', name], { literal: true, timeoutMs: HISTORY_MS });
  }

  async #run(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<Answer> {
    while (this.#running >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#signal.throwIfAborted();
    this.#running += 1;
    try {
      return await this.#answer(cwd, args, options);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #answer(cwd: string, args: readonly string[], options: RunOptions): Promise<Answer> {
    const { input, literal = false, timeoutMs = ASK_MS } = options;
    const env = literal ? { ...this.#env, GIT_LITERAL_PATHSPECS: '1' } : this.#env;
    const limits = { timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const;
    const all = [...CONFIG.flatMap((setting) => ['-c', setting]), ...args];
    return new Promise((resolve) => {
      const child = execFile('git', all, { cwd, env, ...limits }, (error, out, err) =>
        resolve(answerOf(error, out, err, timeoutMs)),
      );
      // It may end before it has read that.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }
}

interface RunOptions {
  readonly input?: string;
  /** Whether names are no patterns; not every command can say so. */
  readonly literal?: boolean;
  readonly timeoutMs?: number;
}

function answerOf(error: Error | null, out: string, err: string, timeoutMs: number): Answer {
  if (error === null) return { kind: 'ran', code: 0, out, err };
  if (hasCode(error, 'ENOENT')) return { kind: 'failed', why: 'git is not installed' };
  // More than we read is more than enough to know.
  if (hasCode(error, 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')) return { kind: 'ran', code: 0, out, err };
  const code = 'code' in error && typeof error.code === 'number' ? error.code : null;
  if (code !== null) return { kind: 'ran', code, out, err };
  if ('killed' in error && error.killed !== true) return { kind: 'failed', why: 'git cannot be started' };
  return { kind: 'failed', why: `git did not answer within ${timeoutMs / 1000} s` };
}

/** Outside of any repository, or git's own reason, such as an owner that it does not trust. */
function refusal(err: string): GitView {
  if (/not a git repository|must be run in a work tree|not in a git directory/.test(err))
    return { kind: 'none' };
  const [first = ''] = err.replace(/^fatal: /, '').split('\n');
  return { kind: 'unknown', why: `git refuses: ${first}` };
}

/** Of `git log --raw`, the first commit that leaves a regular file there; a symlink is no secret. */
export function newestFile(log: string): string | null {
  let commit: string | null = null;
  for (const line of log.split('\n')) {
    commit = /^commit (\w+)$/.exec(line)?.[1] ?? commit;
    if (/^:\d{6} 100\d{3} /.test(line)) return commit;
  }
  return null;
}

/** The nearest folder that exists, and the path from there: git starts in the former. */
function place(path: string): { dir: string; name: string } {
  let dir = dirname(path);
  while (!isFolder(dir) && dirname(dir) !== dir) dir = dirname(dir);
  return { dir, name: relative(dir, path) || basename(path) };
}

function isFolder(path: string): boolean {
  try {
    return statSync(join(path, '.')).isDirectory();
  } catch {
    // Not there, or closed to us: then git cannot start in it either.
    return false;
  }
}
