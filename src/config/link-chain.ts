import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, parse, resolve, sep } from 'node:path';
import { hasCode } from '../errors.ts';

const MAX_LINKS = 40;

/**
 * The directory entries that decide what a path leads to: every symlink on the way, and the file at
 * the end. Kubernetes swaps such a link in the middle (`..data`) to change all files at once.
 */
export function linkChain(path: string): string[] {
  const entries = new Set<string>();
  let rest = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const link = firstLink(rest);
    if (link === null) break;
    entries.add(link.entry);
    rest = resolve(dirname(link.entry), link.target, link.below);
  }
  return [...entries, rest];
}

function firstLink(path: string): { entry: string; target: string; below: string } | null {
  const { root } = parse(path);
  const parts = path.slice(root.length).split(sep);
  let entry = root;
  for (const [index, part] of parts.entries()) {
    entry = resolve(entry, part);
    const target = readLink(entry);
    if (target !== null) return { entry, target, below: parts.slice(index + 1).join(sep) };
  }
  return null;
}

function readLink(entry: string): string | null {
  try {
    return lstatSync(entry).isSymbolicLink() ? readlinkSync(entry) : null;
  } catch (error) {
    // Not there (yet): then it leads nowhere.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EINVAL')) return null;
    throw error;
  }
}
