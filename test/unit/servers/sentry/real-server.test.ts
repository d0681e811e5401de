import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { safeBase } from '../../../../src/plan/safe-env.ts';
import { dialectOf } from '../../../../src/servers/sentry/dialect.ts';
import { sentryServer } from '../../../../src/servers/sentry/launch.ts';
import type { SentryOptions } from '../../../../src/servers/sentry/options.ts';
import { sentryOptions } from './sentry-options.ts';

/** The command lines that we build, given to the real packages, which talk to a fake Sentry. */

type Child = ChildProcessByStdio<Writable, Readable, null>;

const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

function run(command: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

/** A started server, initialized, and what it prints on stdout between its messages. */
async function sentry(name: string, version: string, token: string, given: Partial<SentryOptions>) {
  const start = {
    command: process.execPath,
    args: [join(process.cwd(), 'node_modules', name, 'dist/index.js')],
    version,
    dialect: dialectOf(version),
  };
  const lookup = (variable: string) => (variable === 'SENTRY_AUTH_TOKEN' ? token : undefined);
  const launch = sentryServer({
    options: sentryOptions(given),
    lookup,
    start,
    origins: { host: [], env: () => [] },
  });
  if ('blocked' in launch) throw new Error(launch.blocked[0].message);
  const env = { ...safeBase(process.env), ...launch.env };
  const { child, lines } = run(launch.command, launch.args, env);
  const noise: string[] = [];
  lines.on('line', (line) => {
    if (!line.startsWith('{')) noise.push(line);
  });
  let id = 0;
  const request = async (method: string, params: object) => {
    const mine = ++id;
    const answer = answerTo(lines, mine);
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: mine, method, params })}\n`);
    return answer;
  };
  const clientInfo = { name: 'test', version: '1' };
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  return { request, noise };
}

function answerTo(lines: Interface, id: number): Promise<unknown> {
  return new Promise((resolve) => {
    const onLine = (line: string): void => {
      const message = line.startsWith('{') ? JSON.parse(line) : {};
      if (message.id !== id) return;
      lines.off('line', onLine);
      resolve(message.result ?? message.error);
    };
    lines.on('line', onLine);
  });
}

const tools = (...names: string[]) => ({
  tools: expect.arrayContaining(names.map((name) => expect.objectContaining({ name }))),
});

it('0.18.0 takes --add-scopes, and names on stdout what it still leaves out', async () => {
  const slugs = { organizationSlug: 'acme', projectSlug: 'web' };
  const { request, noise } = await sentry('sentry-mcp-0.18', '0.18.0', 'sntryu_full_1', slugs);
  expect(await request('tools/list', {})).toEqual(tools('update_issue', 'create_project'));
  expect(noise).toEqual(["[MCP] Skipping tool 'create_team' - missing required scopes"]);
});

it('0.18.0 is read-only without', async () => {
  const { request, noise } = await sentry('sentry-mcp-0.18', '0.18.0', 'sntryu_full_1', { addScopes: [] });
  expect(await request('tools/list', {})).not.toEqual(tools('update_issue'));
  expect(noise).toHaveLength(5);
});

it('0.39.0 takes --skills and --insecure-http, and the token decides the rest', async () => {
  const fake = run(process.execPath, [join(process.cwd(), 'test/fixtures/fake-sentry.mjs')], {});
  const log: { port: number; path?: string; token?: string; status?: number }[] = [];
  fake.lines.on('line', (line) => log.push(JSON.parse(line)));
  await once(fake.lines, 'line');
  const port = log[0]?.port;
  const token = 'sntryu_scopes_event-write_1';
  const self = { insecureHttp: true, host: `http://127.0.0.1:${port}` };
  const { request, noise } = await sentry('@sentry/mcp-server', '0.39.0', token, self);
  expect(await request('tools/list', {})).toEqual(tools('update_issue', 'find_organizations'));

  const call = async (name: string, args: object) =>
    JSON.stringify(await request('tools/call', { name, arguments: args }));
  const execute = (name: string, args: object) => call('execute_sentry_tool', { name, arguments: args });
  const change = { organizationSlug: 'acme', issueId: 'WEB-1', status: 'resolved' };
  expect(await execute('whoami', {})).toContain('test@example.com');
  expect(await call('find_organizations', {})).toContain('acme');
  expect(await call('update_issue', change)).toContain('resolved');
  expect(await execute('create_team', { organizationSlug: 'acme', name: 'Ops' })).toContain(
    'API error (403)',
  );
  expect(log.at(-1)).toMatchObject({ path: '/api/0/organizations/acme/teams/', token, status: 403 });

  await fetch(`http://127.0.0.1:${port}/__revoke`, { method: 'POST', body: JSON.stringify({ token }) });
  expect(await execute('whoami', {})).toContain('Authorization Expired');
  expect(noise).toEqual([]);
});
