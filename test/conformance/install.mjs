/**
 * Installs the conformance suite into a prefix of its own, before `npm test`. It needs Node 22, and a
 * `node` among the project's own dependencies would take over every npm run; so where the running Node
 * is older, a newer one comes along here, and is only ever called by its path.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SUITE_NEEDS_NODE = 22;
const folder = fileURLToPath(new URL('.', import.meta.url));
const stamp = `${folder}node_modules/.installed`;
const bringsNode = Number.parseInt(process.versions.node, 10) < SUITE_NEEDS_NODE;
const wanted = `${bringsNode ? 'with a Node of its own' : ''}\n${read(`${folder}package-lock.json`)}`;

if (read(stamp) !== wanted) {
  const omit = bringsNode ? [] : ['--omit=optional'];
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund', ...omit],
    {
      cwd: folder,
      // stdout belongs to results.
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  );
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, wanted);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
