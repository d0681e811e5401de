import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { Remedy } from './finding.ts';
import type { GitView } from './git.ts';
import { ignorePattern } from './ignore-text.ts';

/** Whether a path is `folder`, or below it. Both absolute, without symlinks. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The same without symlinks; null where nothing is there. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    // Missing, a circle of links, or a folder that is closed to us: there is nothing behind it for us.
    return null;
  }
}

/**
 * The line that makes git ignore `path`: beside the config where its repository is the project's, in the
 * top folder of a repository inside the project. Null where that would be somebody else's repository.
 * `below` is a pattern of its own, for what is in a folder.
 */
export function ignoreRemedy(path: string, root: string, view: GitView, below = ''): Remedy | null {
  if (view.kind !== 'repository') return null;
  const top = realPath(view.top);
  if (top === null) return null;
  const dir = isWithin(root, top) ? root : isWithin(top, root) ? top : null;
  if (dir === null || !isWithin(path, dir)) return null;
  const pattern = ignorePattern(relative(dir, path).split(sep).join('/'));
  return pattern === null ? null : { kind: 'git-ignore', dir, pattern: pattern + below, path };
}
