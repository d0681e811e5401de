import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TempDir {
  readonly dir: string;
  readonly path: (name: string) => string;
  /** Writes a file, with the folders that it takes, and returns its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
}

/** A folder of one test, which is gone when the test is over. */
export function tempDir(): TempDir {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mcps-unit-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = (name: string) => join(dir, name);
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
    return path(name);
  };
  return { dir, path, write };
}
