import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateProject, prepareProject } from '../../../src/supervisor/project.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcps-unit-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const prepare = () => prepareProject(locateProject({ configFile: join(root, 'ecosystem.config.ts') }));
const text = (path: string) => readFileSync(join(root, path), 'utf8');

test('state and logs are kept from git, and state from other users', () => {
  prepare();
  expect(text('.mcp-supervisor/.gitignore')).toBe('*\n');
  expect(text('logs/.gitignore')).toBe('*\n');
  expect(statSync(join(root, '.mcp-supervisor')).mode & 0o777).toBe(0o700);
});

test('a logs folder of the user’s own is left as it is', () => {
  mkdirSync(join(root, 'logs'));
  prepare();
  prepare();
  expect(existsSync(join(root, 'logs/.gitignore'))).toBe(false);
});
