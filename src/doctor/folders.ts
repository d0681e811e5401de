import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { hasCode } from '../errors.ts';
import { type Diagnosis, ok, problem, shellText } from './finding.ts';
import type { Git, GitView } from './git.ts';
import { ignoreRemedy, isWithin, realPath } from './tracked-file.ts';

/** A folder of ours: state or logs. */
export interface FolderFacts {
  /** What it is for, and what a file in it is called, for git. */
  readonly use: FolderUse;
  readonly path: string;
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  /** Outside of the project's folder, through a symlink. */
  readonly isOutside: boolean;
  /** Files directly in it that others can read, by name. */
  readonly openFiles: readonly string[];
  /** Of a file in it, whether it exists or not. */
  readonly git: GitView;
  /** Files in it that are in git's index, and ours. */
  readonly tracked: readonly string[];
  /** A commit that has its secrets. */
  readonly commit: string | null;
}

export interface FolderUse {
  readonly id: 'state' | 'logs';
  /** A file that `up` puts there. */
  readonly sample: string;
  /** What git must ignore, below the folder. */
  readonly ignore: string;
  readonly isOurs: (name: string) => boolean;
}

export const STATE: FolderUse = {
  id: 'state',
  sample: 'token',
  ignore: '/',
  isOurs: (name) => name !== '.gitignore',
};
export const LOGS: FolderUse = {
  id: 'logs',
  sample: 'supervisor.log',
  ignore: '/*.log*',
  isOurs: (name) => /\.log(?:\.\d+)?$/.test(name),
};

/** null: it is not there (yet). */
export async function lookAtFolder(
  use: FolderUse,
  dir: string,
  root: string,
  git: Git,
): Promise<FolderFacts | null> {
  const path = realPath(dir);
  const stat = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === null || stat === undefined || !stat.isDirectory()) return null;
  const sample = join(path, use.sample);
  const [file, whole] = await Promise.all([
    git.view(sample, { history: use.id === 'state' }),
    git.view(path, { history: false }),
  ]);
  const tracked =
    whole.kind === 'repository' ? whole.tracked.filter((name) => use.isOurs(basename(name))) : [];
  return {
    use,
    path,
    name: relative(root, dir),
    mode: stat.mode & 0o777,
    uid: stat.uid,
    isOutside: !isWithin(path, root),
    openFiles: openFilesIn(path, use),
    git: file,
    tracked,
    commit: file.kind === 'repository' ? file.commit : null,
  };
}

function openFilesIn(dir: string, { isOurs }: FolderUse): string[] {
  try {
    return readdirSync(dir).filter((name) => {
      const stat = lstatSync(join(dir, name), { throwIfNoEntry: false });
      return isOurs(name) && stat?.isFile() === true && (stat.mode & 0o077) !== 0;
    });
  } catch (error) {
    if (hasCode(error, 'EACCES', 'ENOENT')) return [];
    throw error;
  }
}

export function judgeFolder(facts: FolderFacts, root: string, uid: number | null): Diagnosis[] {
  return [...(uid === null ? [] : judgeModes(facts, uid)), ...judgeGit(facts, root)];
}

function judgeModes(facts: FolderFacts, uid: number): Diagnosis[] {
  const { use, name, path, mode, openFiles } = facts;
  const id = `${use.id}.mode`;
  const octal = mode.toString(8).padStart(4, '0');
  if (facts.uid !== uid) {
    const hint = `Remove it or take it over; \`up\` refuses a state folder of others.`;
    return [problem('error', id, { title: `${name}/ belongs to another user (${facts.uid})`, hint })];
  }
  const mayFix = !facts.isOutside;
  const files = openFiles.map((file) =>
    problem(
      'warning',
      `${id}:${file}`,
      {
        title: `Other users of this machine can read ${name}/${file}`,
        hint: `chmod 600 ${shellText(`${name}/${file}`)}${mayFix ? ' (--fix does it)' : ''}`,
      },
      mayFix ? { kind: 'chmod', path: join(path, file), mode: 0o600 } : null,
    ),
  );
  if ((mode & 0o077) === 0) return [ok(id, `${name}/ is closed to other users`, `mode ${octal}`), ...files];
  const isWritable = (mode & 0o022) !== 0;
  const text = {
    title: `${name}/ is open to other users of this machine`,
    detail: `Its mode is ${octal}.`,
    hint: `chmod 700 ${shellText(name)}${mayFix ? ' (--fix does it)' : ''}`,
  };
  const remedy = mayFix ? ({ kind: 'chmod', path, mode: 0o700 } as const) : null;
  return [problem(isWritable ? 'error' : 'warning', id, text, remedy), ...files];
}

function judgeGit({ use, name, path, git, tracked, commit }: FolderFacts, root: string): Diagnosis[] {
  const id = `${use.id}.git`;
  if (git.kind === 'none') return [ok(id, `${name}/ is in no git repository`)];
  if (git.kind === 'unknown') return [ok(id, `Whether git knows ${name}/ was not looked at`, git.why)];
  const secret =
    use.id === 'state' ? ' Then delete .mcp-supervisor/token: the next `up` makes a new one.' : '';
  const findings: Diagnosis[] = [];
  if (tracked.length > 0) {
    findings.push(
      problem('error', id, {
        title: `${name}/ is tracked by git`,
        detail: `${tracked.length} files of ours, such as ${tracked[0]}.`,
        hint: `git rm -r --cached ${name}, ignore it, commit that.${secret}`,
      }),
    );
  } else if (git.ignored) findings.push(ok(id, `${name}/ is ignored by git, and not tracked`));
  else {
    const text = {
      title: `${name}/ is not ignored by git`,
      detail: 'The next `git add .` takes it.',
      hint: 'Add it to .gitignore (--fix does it).',
    };
    const remedy = ignoreRemedy(path, root, git, use.ignore);
    const probe = remedy?.kind === 'git-ignore' ? { ...remedy, path: join(path, use.sample) } : null;
    findings.push(problem('warning', id, text, probe));
  }
  if (commit !== null) {
    findings.push(
      problem('error', `${use.id}.history`, {
        title: `${name}/${use.sample} is in the history of git`,
        detail: `Commit ${commit} has it.`,
        hint: `\`mcp-supervisor down\`, delete .mcp-supervisor/token, \`up\`: that makes a new one. Then purge the old one: git filter-repo --invert-paths --path ${name}`,
      }),
    );
  }
  return findings;
}
