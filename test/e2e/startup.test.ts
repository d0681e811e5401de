import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, fixture } from '../support/cli.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

const servers = { tiny: fixtureServer(fixture('tiny')) };

/** A project whose PATH has this systemctl only, or none at all. */
function withSystemctl(script: string | null): TestProject & { calls: () => string[] } {
  const shell: Record<string, string> = {};
  const project = new TestProject({ servers, shell });
  const bin = join(project.home, 'bin');
  mkdirSync(bin);
  shell['PATH'] = bin;
  const log = join(project.home, 'calls');
  if (script !== null) {
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$*" >> '${log}'\n${script}\n`);
    chmodSync(join(bin, 'systemctl'), 0o755);
  }
  const calls = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []);
  return Object.assign(project, { calls });
}

const units = (project: TestProject) => {
  const folder = join(project.home, '.config/systemd/user');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
};

test('startup writes a unit for this Node, this script and this config, and enables it; unstartup undoes that', async () => {
  await using project = withSystemctl('exit 0');
  const out = await project.ok('startup');
  const [unit = '', ...others] = units(project);
  expect(others).toEqual([]);
  expect(unit).toMatch(/\/mcp-supervisor-project-[0-9a-f]{8}\.service$/);
  expect(statSync(unit).mode & 0o777).toBe(0o644);
  const command = `"${process.execPath}" "${CLI}" "up" "--foreground" "--config" "${project.path('ecosystem.config.json')}"`;
  expect(readFileSync(unit, 'utf8')).toContain(`\nExecStart=${command}\n`);
  const name = unit.split('/').at(-1);
  expect(project.calls()).toEqual(['--user daemon-reload', `--user enable --now ${name}`]);
  expect(out).toContain(`Written: ${unit}\n`);
  expect(out).toContain('loginctl enable-linger');

  expect(await project.ok('startup', '--remove')).toBe(`Removed: ${unit}\n`);
  expect(project.calls().slice(2)).toEqual([`--user disable --now ${name}`, '--user daemon-reload']);
  expect(units(project)).toEqual([]);
  expect(await project.ok('unstartup')).toBe(`There is no ${unit}: nothing to remove.\n`);
  expect(JSON.parse(await project.ok('unstartup', '--json'))).toEqual({ file: unit, done: false });
});

test('without systemctl it says what to run', async () => {
  await using project = withSystemctl(null);
  const out = await project.ok('startup');
  const [unit = ''] = units(project);
  const name = unit.split('/').at(-1);
  expect(out).toContain(
    `To have it started:\n  systemctl --user daemon-reload\n  systemctl --user enable --now ${name}\n`,
  );
  expect(await project.ok('unstartup')).toContain(`  systemctl --user disable --now ${name}\n`);
  expect(units(project)).toEqual([]);
});

test('what systemctl complains of is passed on; unstartup leaves no file all the same', async () => {
  await using project = withSystemctl('echo "Failed to connect to bus: No medium found" >&2; exit 1');
  expect(await project.cli('startup')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /error boot\.failed: systemctl --user daemon-reload failed: Failed to connect to bus.*\n.*is written\. Run the command yourself/,
    ),
  });
  expect(units(project)).toHaveLength(1);
  expect(await project.cli('unstartup')).toMatchObject({ code: 1 });
  expect(units(project)).toEqual([]);
});

test('--print shows the file of any platform, and touches nothing', async () => {
  await using project = withSystemctl('exit 0');
  expect(await project.ok('startup', '--print')).toMatch(/^# Written by[\s\S]*\nType=notify\n/);
  expect(await project.ok('startup', '--print', '--platform', 'macos')).toContain('<plist version="1.0">');
  expect(await project.ok('startup', '--print', '--platform', 'windows')).toContain('<LogonTrigger>');
  expect(JSON.parse(await project.ok('startup', '--print', '--json'))).toEqual({
    file: expect.stringContaining(project.home),
    text: expect.stringContaining('[Service]'),
  });
  expect(await project.cli('startup', '--platform', 'macos')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --print'),
  });
  expect(await project.cli('startup', '--print', '--platform', 'beos')).toMatchObject({ code: 2 });
  expect(units(project)).toEqual([]);
  expect(project.calls()).toEqual([]);
});
