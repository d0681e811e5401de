import { mkdirSync, statSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, test } from 'vitest';
import { fixture } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { fixtureServer, TestProject } from '../support/project.ts';
import { until } from '../support/until.ts';

/** Two values that no file but `.env` may have afterwards. */
const NASTY = `canary-in-env 'it"s #1 $HOME \\n`;
const FLAG = 'canary-in-flag-0123456789';

/** A project whose `.mcp.json` has servers with secrets written into them. */
function imported(): TestProject {
  const project = new TestProject();
  const talks = {
    command: process.execPath,
    args: [fixture('talks-back'), `--api-key=${FLAG}`],
    env: { SERVICE_TOKEN: NASTY, PLAIN: 'plain', FROM_SHELL: '${LANGUAGE_OF_SHELL:-none}' },
  };
  const value = { mcpServers: { talks, 'says hello': fixtureServer(fixture('says-hello')) } };
  project.write('.mcp.json', JSON.stringify(value));
  return project;
}

interface Entry {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly command: string;
  readonly args: string[];
}

/** What `client-config` printed for one server. */
async function printed(project: TestProject, ...args: readonly string[]): Promise<Entry> {
  const { mcpServers } = JSON.parse(await project.ok('client-config', ...args)) as {
    mcpServers: Record<string, Entry>;
  };
  const entry = mcpServers['talks'];
  if (entry === undefined) throw new Error(`no entry of talks: ${Object.keys(mcpServers)}`);
  return entry;
}

async function envOf(client: Client, name: string): Promise<string> {
  const result = await client.callTool({ name: 'env', arguments: { name } });
  return (result as { content: { text: string }[] }).content[0]?.text ?? '';
}

test('from a client with secrets in its file to servers that run, and back into the client', async () => {
  await using project = imported();
  const written = await project.cli('init', '--yes');
  expect(written).toMatchObject({ code: 0 });
  expect(written.stdout).toMatch(/^Servers: talks, says-hello$/m);
  expect(written.stdout).toMatch(/^Moved to \.env, .*: SERVICE_TOKEN, TALKS_API_KEY$/m);
  expect(written.stdout + written.stderr).not.toContain('canary');
  expect(project.read('ecosystem.config.ts') + project.read('.env.example')).not.toContain('canary');
  expect(statSync(project.path('.env')).mode & 0o777).toBe(0o600);

  // The default port may be taken on this machine.
  project.write('ecosystem.config.ts', project.read('ecosystem.config.ts').replace('port: 7420', 'port: 0'));
  await project.ok('up');
  expect(await project.server('says-hello')).toMatchObject({ state: 'ready' });

  const { url, headers } = await printed(project, 'claude-code');
  const token = project.read('.mcp-supervisor/token').trim();
  expect(headers['Authorization']).toBe('Bearer ${MCP_SUPERVISOR_TOKEN}');
  await using http = await connect({ url, token });
  expect(await envOf(http.client, 'SERVICE_TOKEN')).toBe(NASTY);
  expect(await envOf(http.client, 'PLAIN')).toBe('plain');
  expect(await envOf(http.client, 'FROM_SHELL')).toBe('none');

  const before = project.read('.mcp.json');
  await project.ok('client-config', 'claude-code', '--write');
  expect(project.read('.mcp.json')).not.toContain('canary');
  expect(project.read('.mcp.json')).not.toContain(token);
  await project.ok('client-config', 'claude-code', '--remove');
  expect(project.read('.mcp.json')).toBe(before);
});

test('a client on stdio connects with what was printed, whether the supervisor runs or not', async () => {
  await using project = imported();
  await project.ok('init', '--from', '.mcp.json');
  const { command, args } = await printed(project, 'cursor', '--via', 'stdio');
  // Not from the project's folder, and with as little environment as a desktop application has.
  const { HOME = '', PATH = '' } = project.shell;
  const start = () =>
    new StdioClientTransport({ command, args, cwd: '/', env: { HOME, PATH }, stderr: 'ignore' });
  project.write('ecosystem.config.ts', project.read('ecosystem.config.ts').replace('port: 7420', 'port: 0'));
  for (const state of ['down', 'up']) {
    const client = new Client({ name: state, version: '1.0.0' });
    await client.connect(start());
    expect(await envOf(client, 'PLAIN')).toBe('plain');
    await client.close();
  }
  // The port that was chosen is known also when nothing runs any more.
  const { url } = await project.server('talks');
  await project.ok('down');
  expect((await printed(project, 'claude-code')).url).toBe(url);
});

test('the VS Code task reads the warnings that up --foreground prints, as long as it runs', async () => {
  await using project = new TestProject();
  mkdirSync(project.path('.vscode'));
  project.write(
    '.mcp.json',
    JSON.stringify({
      mcpServers: { needs: { ...fixtureServer(fixture('tiny')), env: { K: '${NEEDED_KEY}' } } },
    }),
  );
  await project.ok('init', '--yes');
  project.write('ecosystem.config.ts', project.read('ecosystem.config.ts').replace('port: 7420', 'port: 0'));
  const { tasks } = JSON.parse(project.read('.vscode/tasks.json')) as { tasks: Task[] };
  const task = tasks.find(({ label }) => label === 'Start MCP Servers');
  if (task === undefined) throw new Error('there is no such task');

  const [, , ...args] = task.command.split(' ');
  const run = project.start(...args);
  const problems = () => problemsIn(run.output() + run.errors(), task.problemMatcher);
  const [problem] = await until('a problem', () => problems()?.length === 1 && problems());
  expect(problem).toMatchObject({
    file: project.path('ecosystem.config.ts'),
    severity: 'error',
    code: 'env.variable-missing',
    message: expect.stringMatching(/^needs: needs needs the variable NEEDED_KEY.*→ Add NEEDED_KEY=/),
  });

  project.write('.env', 'NEEDED_KEY=canary-here\n');
  await until('no problem any more', () => problems()?.length === 0);
  run.process.kill('SIGTERM');
  expect((await run.outcome).code).toBe(0);
});

interface Task {
  readonly label: string;
  readonly command: string;
  readonly problemMatcher: {
    readonly pattern: Readonly<Record<'file' | 'severity' | 'code' | 'message', number>> & { regexp: string };
    readonly background: { readonly beginsPattern: string; readonly endsPattern: string };
  };
}

/** As VS Code does it: what was found goes when a list begins, and is shown when it ends; null before that. */
function problemsIn(output: string, { pattern, background }: Task['problemMatcher']) {
  const { regexp, file, severity, code, message } = pattern;
  let found: Record<string, string | undefined>[] = [];
  let shown: typeof found | null = null;
  for (const line of output.split('\n')) {
    const match = new RegExp(regexp).exec(line);
    if (new RegExp(background.beginsPattern).test(line)) found = [];
    else if (new RegExp(background.endsPattern).test(line)) shown = found;
    else if (match !== null)
      found.push({
        file: match[file],
        severity: match[severity],
        code: match[code],
        message: match[message],
      });
  }
  return shown;
}
