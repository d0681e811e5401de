import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPO } from '../support/cli.ts';
import { descendants, parsePowershell } from '../support/powershell.ts';
import { runIn } from './cli/run-cli.ts';

const SCRIPTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'load-sentry-env.ps1': { $Arguments: '@()' },
  'start-mcp-servers.ps1': {
    $SentryAddScopes: "'event:write,project:write'",
    $SentryOrganizationSlug: "''",
    $SentryProjectSlug: "''",
    $Arguments: '@()',
  },
};
const VERBS: Readonly<Record<string, string>> = {
  'load-sentry-env.ps1': 'env',
  'start-mcp-servers.ps1': 'up',
};
/** Everything in which a script could decide something. */
const LOGIC = [
  ...['if_statement', 'switch_statement', 'while_statement', 'for_statement', 'foreach_statement'],
  ...['do_statement', 'try_statement', 'trap_statement', 'function_statement', 'comparison_operator'],
];

describe.each(Object.entries(SCRIPTS))('scripts/%s', (name, parameters) => {
  const text = readFileSync(join(REPO, 'scripts', name), 'utf8');

  it('is PowerShell, with these parameters and defaults', async () => {
    const script = await parsePowershell(text);
    expect(script.hasError).toBe(false);
    const [block, ...others] = descendants(script, 'param_block');
    expect(others).toEqual([]);
    const found = (block === undefined ? [] : descendants(block, 'script_parameter')).map((parameter) => {
      const variable = parameter.children.find((child) => child?.type === 'variable');
      const [value] = descendants(parameter, 'script_parameter_default');
      return [variable?.text, value?.text.replace(/^=\s*/, '')];
    });
    expect(Object.fromEntries(found)).toEqual(parameters);
  });

  it('has no logic of its own: it calls the verb, with options that there are', async () => {
    const script = await parsePowershell(text);
    expect(LOGIC.filter((type) => descendants(script, type).length > 0)).toEqual([]);
    const [call = ''] = descendants(script, 'command').map((command) => command.text);
    const [, program = '', verb] = /^node "\$PSScriptRoot\/\.\.\/([^"]+)" (\w+)/.exec(call) ?? [];
    expect(verb).toBe(VERBS[name]);
    expect(existsSync(join(REPO, program.replace(/^dist(.*)\.js$/, 'src$1.ts')))).toBe(true);
    const { out } = await runIn('/', [`${verb}`, '--help']);
    for (const [option] of call.matchAll(/--[a-z-]+/g)) expect(out).toContain(option);
    // All that it is told goes on to the verb.
    for (const parameter of Object.keys(parameters)) {
      const use = parameter === '$Arguments' ? '@Arguments' : `=${parameter}"`;
      expect(call).toContain(use);
    }
  });
});

it('what is no PowerShell is found out', async () => {
  expect((await parsePowershell('param([string] $A = )')).hasError).toBe(true);
});

it('the package has them', () => {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: REPO });
  const [{ files }] = JSON.parse(listing.toString()) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  for (const name of Object.keys(SCRIPTS)) expect(paths).toContain(`scripts/${name}`);
  expect(paths.filter((path) => path.startsWith('scripts/') && path.endsWith('.ts'))).toEqual([]);
}, 120_000);
