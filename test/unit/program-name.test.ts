import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { programName } from '../../src/program-name.ts';

const NODE = process.platform === 'linux' ? basename(process.execPath) : 'MainThread';

test('a process that Node 24 has named after its main thread is called by its program', () => {
  expect(programName(String(process.pid), 'MainThread')).toBe(NODE);
});

test.each([
  ['what names itself keeps its name', String(process.pid), 'npm exec a', 'npm exec a'],
  ['one that has ended keeps what was seen', 'none', 'MainThread', 'MainThread'],
])('%s', (_, pid, seen, name) => {
  expect(programName(pid, seen)).toBe(name);
});
