import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { checkConformance } from '../support/conformance.ts';
import { fixtureServer, TestProject } from '../support/project.ts';

test('all scenarios of the MCP conformance suite pass through the gateway', async () => {
  await using project = new TestProject({
    servers: { fixture: fixtureServer(fixture('conformance')) },
    // The suite has no option for a header.
    gateway: { auth: 'none' },
  });
  await project.ok('up');
  const { url } = await project.server('fixture');
  const { scenarios, checks, exitCode } = await checkConformance(url, '2025-11-25', project.path('results'));
  expect(checks.filter(({ status }) => status === 'FAILURE')).toEqual([]);
  expect(exitCode).toBe(0);
  expect(scenarios).toHaveLength(33);
  expect(new Set(scenarios).size).toBe(33);
});
