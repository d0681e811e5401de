import { open, readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../errors.ts';

/** A package as it lies in a `node_modules`. */
export interface InstalledPackage {
  /** Its own name: an alias has another one in `node_modules`. */
  readonly name: string;
  readonly version: string;
  readonly root: string;
  readonly bins: Readonly<Record<string, Bin>>;
}

export interface Bin {
  readonly path: string;
  /** Whether Node runs it, so that no shebang is needed. */
  readonly node: boolean;
}

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});

const NODE_SHEBANG = /^#!.*\bnode\b/;
const SHEBANG_BYTES = 128;

/** The nearest installed `name`, seen from `fromDir` as Node would look for it; null if there is none. */
export async function locatePackage(name: string, fromDir: string): Promise<InstalledPackage | null> {
  const root = join(fromDir, 'node_modules', name);
  const manifest = await readManifest(join(root, 'package.json'));
  if (manifest !== null) return installedPackage(root, manifest);
  const parent = dirname(fromDir);
  return parent === fromDir ? null : locatePackage(name, parent);
}

async function installedPackage(root: string, manifest: z.infer<typeof Manifest>): Promise<InstalledPackage> {
  const { name, version, bin = {} } = manifest;
  const unscoped = name.slice(name.indexOf('/') + 1);
  const paths = Object.entries(typeof bin === 'string' ? { [unscoped]: bin } : bin);
  const bins = await Promise.all(
    paths.map(async ([key, path]) => [key, await readBin(join(root, path))] as const),
  );
  return { name, version, root, bins: Object.fromEntries(bins) };
}

/** An absent or broken manifest is no package; npx will say more about it than we could. */
async function readManifest(file: string): Promise<z.infer<typeof Manifest> | null> {
  try {
    const parsed = Manifest.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) return null;
    throw error;
  }
}

async function readBin(path: string): Promise<Bin> {
  return {
    path,
    node: ['.js', '.mjs', '.cjs'].includes(extname(path)) || NODE_SHEBANG.test(await firstBytes(path)),
  };
}

async function firstBytes(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(SHEBANG_BYTES), 0, SHEBANG_BYTES, 0);
      return buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '';
    } finally {
      await file.close();
    }
  } catch (error) {
    // Listed but not shipped: whoever starts it gets to say so.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) return '';
    throw error;
  }
}
