import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CLI, fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const servers = { tiny: fixtureServer(fixture('tiny')), noisy: fixtureServer(fixture('tiny')) };

/** A project with the CLI in its PATH, and what bash, which has to be there, completes a line to. */
function withBash() {
  const project = new TestProject({ servers });
  const bin = join(project.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'mcp-supervisor'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(bin, 'mcp-supervisor'), 0o755);
  const complete = async (...line: readonly string[]): Promise<string[]> => {
    const script = `set -u
eval "$(mcp-supervisor completion bash)"
complete -p mcp-supervisor >/dev/null || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_mcp_supervisor
for word in \${COMPREPLY[@]+"\${COMPREPLY[@]}"}; do printf '%s\\n' "$word"; done`;
    const env = { ...project.shell, PATH: `${bin}:${project.shell['PATH']}` };
    const options = { cwd: project.dir, env };
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', ...line], options);
    expect(stderr).toBe('');
    return stdout === '' ? [] : stdout.trimEnd().split('\n');
  };
  return Object.assign(project, { complete });
}

test('bash completes verbs, options, names of servers and files', async () => {
  await using project = withBash();
  project.write('a file.json', '{}');
  expect(await project.complete('mcp-supervisor', 'rest')).toEqual(['restart']);
  expect(await project.complete('mcp-supervisor', 'up', '--fore')).toEqual(['--foreground']);
  expect(await project.complete('mcp-supervisor', 'up', '')).toEqual(['tiny', 'noisy']);
  expect(await project.complete('mcp-supervisor', 'logs', '--level', '=', 'd')).toEqual(['debug']);
  expect(await project.complete('mcp-supervisor', 'up', '--config', 'a')).toEqual(['a file.json']);
  expect(await project.complete('mcp-supervisor', 'up', '--config', 'none', '')).toEqual([]);
  // Nothing was started for it.
  expect(project.processes()).toEqual([]);
});

test('servers that run are offered, also where the config does not say so any more', async () => {
  await using project = withBash();
  await project.ok('up', 'tiny');
  project.write('ecosystem.config.json', 'broken');
  expect(await project.complete('mcp-supervisor', 'restart', 't')).toEqual(['tiny']);
});
