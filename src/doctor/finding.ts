import type { ProcessIdentity } from '../runner/process-group.ts';

/** `fixed`: it was wrong until `--fix` mended it. */
export type FindingStatus = 'ok' | 'warning' | 'error' | 'fixed';

/** One thing that was looked at. No text of it holds a secret. */
export interface Finding {
  /** What was looked at, as in `env-file.mode:.env`: the same in every run. */
  readonly id: string;
  readonly status: FindingStatus;
  readonly title: string;
  /** What was seen; '' where the title says it all. */
  readonly detail: string;
  /** What to do; '' where there is nothing to do. */
  readonly hint: string;
}

/** What `--fix` may do about a finding. Data, so that judging touches nothing. */
export type Remedy =
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  /** A line for the .gitignore of `dir`; `path` is what git must ignore then. */
  | { readonly kind: 'git-ignore'; readonly dir: string; readonly pattern: string; readonly path: string }
  | { readonly kind: 'remove-sockets'; readonly paths: readonly string[] }
  | { readonly kind: 'sweep-groups'; readonly files: readonly string[] }
  | { readonly kind: 'end-process'; readonly identity: ProcessIdentity };

export interface Diagnosis {
  readonly finding: Finding;
  readonly remedy: Remedy | null;
}

export function ok(id: string, title: string, detail = ''): Diagnosis {
  return { finding: { id, status: 'ok', title, detail, hint: '' }, remedy: null };
}

export function problem(
  status: 'warning' | 'error',
  id: string,
  text: { readonly title: string; readonly detail?: string; readonly hint: string },
  remedy: Remedy | null = null,
): Diagnosis {
  const { title, detail = '', hint } = text;
  return { finding: { id, status, title, detail, hint }, remedy };
}

/** A file's name for a sentence: one that holds line breaks or the like is quoted as in JSON. */
export function nameText(name: string): string {
  return /\p{Cc}/u.test(name) ? JSON.stringify(name) : name;
}

/** A path in a command line that is to be copied into a shell. */
export function shellText(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
