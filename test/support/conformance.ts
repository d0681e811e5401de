import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REPO } from './cli.ts';

const PREFIX = `${REPO}/test/conformance`;
const SUITE = `${PREFIX}/node_modules/@modelcontextprotocol/conformance/dist/index.js`;
const SUITE_NEEDS_NODE = 22;
/** A deadline for hangs: it takes seconds. */
const SUITE_TIMEOUT_MS = 150_000;

export interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

export interface Conformance {
  readonly exitCode: number;
  readonly scenarios: readonly string[];
  readonly checks: readonly Check[];
}

/** Runs the scenarios that a revision asks of a server, as the suite's own CLI does. */
export async function checkConformance(url: string, revision: string, outDir: string): Promise<Conformance> {
  if (!existsSync(SUITE))
    throw new Error('the suite is not installed: run `node test/conformance/install.mjs`');
  const args = [SUITE, 'server', '--url', url, '--requirements', revision, '--output-dir', outDir];
  const exitCode = await new Promise<number>((resolve, reject) => {
    execFile(suiteNode(), args, { timeout: SUITE_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(0);
      else if (typeof error.code === 'number') resolve(error.code);
      else reject(new Error(`the suite did not come to an end: ${stdout}${stderr}`, { cause: error }));
    });
  });
  const folders = readdirSync(outDir);
  return {
    exitCode,
    scenarios: folders.map(scenarioOf),
    checks: folders.flatMap((folder) => {
      const checks = JSON.parse(readFileSync(join(outDir, folder, 'checks.json'), 'utf8')) as Check[];
      return checks.map((check) => ({ ...check, scenario: scenarioOf(folder) }));
    }),
  };
}

/** `server-ping-2026-11-25T07-39-51-715Z`, which its tests ran at. */
function scenarioOf(folder: string): string {
  return folder.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '').replace(/^server-/, '');
}

function suiteNode(): string {
  if (Number.parseInt(process.versions.node, 10) >= SUITE_NEEDS_NODE) return process.execPath;
  const require = createRequire(`${PREFIX}/`);
  const { platform, arch } = process;
  const names = [`node-${platform === 'win32' ? 'win' : platform}-${arch}`, `node-bin-${platform}-${arch}`];
  for (const name of names) {
    try {
      const folder = require.resolve(`${name}/package.json`).replace(/package\.json$/, '');
      return `${folder}bin/node${platform === 'win32' ? '.exe' : ''}`;
    } catch {
      // The other name, then.
    }
  }
  throw new Error(`the suite needs Node ${SUITE_NEEDS_NODE}, and none came along for ${platform} ${arch}`);
}
