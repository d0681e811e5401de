import { lstatSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type EnvFileReading, readEnvFile } from '../config/env-files.ts';
import { linkChain } from '../config/link-chain.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { Git, GitView } from './git.ts';
import { isWithin, realPath } from './tracked-file.ts';
import { MAX_ENV_BYTES } from './wanted.ts';

/** What an env file is, before anybody says what that means. */
export type EnvFileFacts = { readonly name: string } & (
  | { readonly kind: 'missing' }
  /** `problem` continues a sentence that begins with the file's name. */
  | { readonly kind: 'unusable'; readonly problem: string }
  | {
      readonly kind: 'file';
      /** Where the file itself is: its name may be a symlink. */
      readonly realPath: string;
      readonly isLink: boolean;
      /** Outside of the project's folder, so that it may be others' as well. */
      readonly isOutside: boolean;
      /** Permission bits. */
      readonly mode: number;
      readonly uid: number;
      readonly reading: EnvFileReading;
      /** The file's own. */
      readonly git: GitView;
      /** Of the places on the way to it (symlinks now), those that were files in the past. */
      readonly pastCommits: readonly { readonly name: string; readonly commit: string }[];
    }
);

/** `root` is without symlinks. */
export async function lookAtEnvFile(path: string, root: string, git: Git): Promise<EnvFileFacts> {
  const name = isWithin(path, root) ? relative(root, path) : path;
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR'))
      return { name, kind: 'unusable', problem: `cannot be used: ${messageOf(error)}` };
    const dangles = isLink(path);
    return dangles
      ? { name, kind: 'unusable', problem: 'is a symlink to nothing' }
      : { name, kind: 'missing' };
  }
  const real = realPath(path);
  if (stat === undefined || real === null) return { name, kind: 'missing' };
  if (stat.isDirectory()) return { name, kind: 'unusable', problem: 'is a folder and no file' };
  if (!stat.isFile()) return { name, kind: 'unusable', problem: 'is no regular file' };
  if (stat.size > MAX_ENV_BYTES) return { name, kind: 'unusable', problem: 'is larger than 4 MB' };
  const [view, pastCommits] = await Promise.all([
    git.view(real, { history: true }),
    pastFiles(path, real, root, git),
  ]);
  return {
    name,
    kind: 'file',
    realPath: real,
    isLink: isLink(path),
    isOutside: !isWithin(real, root),
    mode: stat.mode & 0o777,
    uid: stat.uid,
    reading: readEnvFile(path),
    git: view,
    pastCommits,
  };
}

/** A file that was committed, and has been replaced by a symlink since. */
async function pastFiles(path: string, real: string, root: string, git: Git) {
  const places = linkChain(path).map((entry) =>
    join(realPath(dirname(entry)) ?? dirname(entry), basename(entry)),
  );
  const others = [...new Set(places)].filter((place) => place !== real);
  const found = await Promise.all(
    others.map(async (place) => {
      const view = await git.view(place, { history: true });
      const commit = view.kind === 'repository' ? view.commit : null;
      return commit === null ? [] : [{ name: isWithin(place, root) ? relative(root, place) : place, commit }];
    }),
  );
  return found.flat();
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
