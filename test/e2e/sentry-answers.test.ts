import { expect, test } from 'vitest';
import type { Warning } from '../../src/model.ts';
import { REPO } from '../support/cli.ts';
import { connect } from '../support/mcp-client.ts';
import { TestProject } from '../support/project.ts';
import { makeCertificate, type SentryApi, startSentryApi } from '../support/sentry-api.ts';
import { tempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';

/** The real packages. Those before 0.33 speak https only. */
const VERSIONS: Readonly<Record<string, readonly [version: string, folder: string]>> = {
  v018: ['0.18.0', 'sentry-mcp-0.18'],
  v023: ['0.23.1', 'sentry-mcp-0.23'],
  v031: ['0.31.0', 'sentry-mcp-0.31'],
  v039: ['0.39.0', '@sentry/mcp-server'],
};
const NAMES = Object.keys(VERSIONS);

/** A project with all of the versions, each with a token of its own. */
class AllVersions implements AsyncDisposable {
  readonly api: SentryApi;
  readonly project: TestProject;

  private constructor(api: SentryApi, project: TestProject) {
    this.api = api;
    this.project = project;
  }

  static async start(kind: string, options: Record<string, unknown> = {}): Promise<AllVersions> {
    const certificate = makeCertificate(tempDir().dir);
    const api = await startSentryApi(certificate);
    const servers = NAMES.map((name) => {
      const [version, folder] = VERSIONS[name] ?? [];
      const args = [`${REPO}/node_modules/${folder}/dist/index.js`];
      const env = { NODE_EXTRA_CA_CERTS: certificate.cert };
      // All that 0.18 can offer, or it says what it leaves out.
      const addScopes = ['event:write', 'project:write', 'team:write'];
      const own = { addScopes, command: process.execPath, args, version, env, envFiles: [`.env.${name}`] };
      return [name, { preset: 'sentry', host: api.host, ...own, ...options }];
    });
    const project = new TestProject({ servers: Object.fromEntries(servers) });
    for (const name of NAMES) {
      // With a language model's key, which is not what these are about.
      const env = `SENTRY_AUTH_TOKEN=${tokenOf(kind, name)}\nOPENAI_API_KEY=canary-model-key\n`;
      project.write(`.env.${name}`, env);
    }
    const all = new AllVersions(api, project);
    try {
      await project.ok('up');
      return all;
    } catch (error) {
      await all[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Calls a tool of a server; all texts of the answer, and whether it says that it is an error. */
  async call(name: string, tool: string, args: Record<string, unknown>): Promise<Answer> {
    await using session = await connect(await this.project.endpoint(name));
    // From 0.37 on most tools are run by another one.
    const isListed = name !== 'v039' || tool === 'find_projects';
    const result = await session.client.callTool(
      isListed
        ? { name: tool, arguments: args }
        : { name: 'execute_sentry_tool', arguments: { name: tool, arguments: args } },
    );
    const { content, isError = false } = result as { content: { text: string }[]; isError?: boolean };
    return { texts: content.map(({ text }) => text), isError };
  }

  /** What is wrong, of what the answers to tool calls can tell. */
  async wrong(): Promise<Warning[]> {
    const warnings = await this.project.warnings();
    return warnings.filter(({ code }) => /^(?:token|scope|access|tool)\./.test(code));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.project[Symbol.asyncDispose]();
    } finally {
      await this.api[Symbol.asyncDispose]();
    }
  }
}

interface Answer {
  readonly texts: readonly string[];
  readonly isError: boolean;
}

const tokenOf = (kind: string, name: string) => `sntryu_${kind}_aaaaaaaaaaaaaaaaaaaa${name}`;
const UPDATE = { organizationSlug: 'acme', issueId: 'WEB-1', status: 'resolved' };
const rowsOf = (warnings: readonly Warning[]) =>
  warnings.map(({ server, code, subject, count }) => [server, code, subject, count]).sort();

test('a read-only token: `up` says what it lacks, and the refused call says it to the agent', async () => {
  await using all = await AllVersions.start('readonly');
  const lacks = (counts: readonly number[]) =>
    NAMES.flatMap((name) =>
      ['event:write', 'project:write', 'team:write'].map((scope, at) => [
        name,
        'scope.token-missing',
        scope,
        counts[at],
      ]),
    );
  expect(rowsOf(await all.wrong())).toEqual(lacks([1, 1, 1]));
  for (const name of NAMES) {
    const { texts } = await all.call(name, 'update_issue', UPDATE);
    expect(texts).toHaveLength(2);
    expect(texts[1]).toContain('scope.token-missing: The Sentry token lacks the scope event:write');
  }
  expect(rowsOf(await all.wrong())).toEqual(lacks([2, 1, 1]));
});

test('a read-only token about which nobody was asked: what it probably lacks, and other calls go on', async () => {
  await using all = await AllVersions.start('readonly', { check: false });
  expect(await all.wrong()).toEqual([]);
  for (const name of NAMES) {
    for (let time = 0; time < 2; time += 1) {
      const { texts, isError } = await all.call(name, 'update_issue', UPDATE);
      expect(isError).toBe(true);
      expect(texts).toHaveLength(2);
      expect(texts[0]).toContain('API error (403)');
      expect(texts[1]).toContain('scope.suspected: Sentry refused update_issue (403)');
      expect(texts[1]).toContain('event:write');
    }
    const projects = await all.call(name, 'find_projects', { organizationSlug: 'acme' });
    expect(projects).toMatchObject({ isError: false });
    expect(projects.texts).toHaveLength(1);
  }
  expect(rowsOf(await all.wrong())).toEqual(
    NAMES.map((name) => [name, 'scope.suspected', 'update_issue', 2]),
  );
  expect(await all.project.ok('status')).toContain('scope.suspected');

  // The right token, and it is over.
  for (const name of NAMES) {
    all.project.write(`.env.${name}`, `SENTRY_AUTH_TOKEN=${tokenOf('full', name)}\n`);
  }
  await until('nothing is wrong any more', async () => (await all.wrong()).length === 0);
  for (const name of NAMES) {
    expect((await all.call(name, 'update_issue', UPDATE)).isError).toBe(false);
  }
  expect(await all.wrong()).toEqual([]);
});

test('a token that is revoked while the servers run: an error at the next call, and over with a new one', async () => {
  await using all = await AllVersions.start('full');
  for (const name of NAMES) {
    expect((await all.call(name, 'update_issue', UPDATE)).isError).toBe(false);
    await all.api.revoke(tokenOf('full', name));
    const { texts } = await all.call(name, 'update_issue', UPDATE);
    expect(texts).toHaveLength(2);
    expect(texts[1]).toContain(`token.rejected: ${all.api.host} rejects the token in SENTRY_AUTH_TOKEN`);
    expect(texts.join()).not.toContain('sntryu_');
  }
  expect(rowsOf(await all.wrong())).toEqual(
    NAMES.map((name) => [name, 'token.rejected', 'SENTRY_AUTH_TOKEN', 1]),
  );
  expect(await all.project.ok('status')).toContain('token.rejected');
  for (const name of NAMES) {
    all.project.write(`.env.${name}`, `SENTRY_AUTH_TOKEN=${tokenOf('full', `new${name}`)}\n`);
  }
  await until('nothing is wrong any more', async () => (await all.wrong()).length === 0);
});

test('a role that does not allow it, annotate: false: a warning, and the answer as Sentry gave it', async () => {
  await using all = await AllVersions.start('norole', { annotate: false });
  for (const name of NAMES) {
    const { texts, isError } = await all.call(name, 'update_issue', UPDATE);
    expect(isError).toBe(true);
    expect(texts).toHaveLength(1);
  }
  const wrong = await all.wrong();
  expect(rowsOf(wrong)).toEqual(NAMES.map((name) => [name, 'access.denied', 'update_issue', 1]));
  for (const { hint } of wrong) expect(hint).not.toContain('create');
});

test('an issue whose title is an error of Sentry raises nothing', async () => {
  await using all = await AllVersions.start('full');
  for (const name of NAMES) {
    const { texts, isError } = await all.call(name, 'update_issue', { ...UPDATE, issueId: 'WEB-403' });
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain('API error (403): You do not have permission');
    expect(isError).toBe(false);
  }
  expect(await all.wrong()).toEqual([]);
});
