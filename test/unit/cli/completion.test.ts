import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SHELLS } from '../../../src/cli/render/shell-exports.ts';
import { CLIENT_IDS } from '../../../src/clients/catalogue.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { VERBS } from '../../support/verbs.ts';
import { runIn } from './run-cli.ts';

const CONFIG = `import { writeFileSync } from 'node:fs';
writeFileSync('ran', '');
export default { servers: { mail: { command: 'x' }, main: { command: 'x' }, web: { command: 'x' } } };`;

function project() {
  const temp = tempDir();
  temp.write('ecosystem.config.ts', CONFIG);
  temp.write('other.json', '{"servers":{"elsewhere":{"command":"x"}}}');
  return temp;
}

/** The candidates for the last word of a line; with a space at its end that word is empty. */
async function offered(line: string, dir = project().dir): Promise<string[]> {
  const { code, out, err } = await runIn(dir, ['complete', '--', ...line.split(' ')]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out.split('\n').flatMap((row) => (row === '' ? [] : [row.split('\t')[0] ?? '']));
}

describe('what is offered', () => {
  it('every verb, and no hidden one', async () => {
    expect((await offered('')).sort()).toEqual([...VERBS, 'help'].sort());
    expect(await offered('st')).toEqual(['status', 'startup']);
    expect(await offered('help st')).toEqual(['status', 'startup']);
  });

  it.each<[string, readonly string[]]>([
    ['--ver', ['--version']],
    ['up --d', ['--dry-run']],
    ['up --dry-run --d', []],
    ['up ', ['mail', 'main', 'web']],
    ['up ma', ['mail', 'main']],
    ['up mail ', ['main', 'web']],
    ['up --dry-run --sentry-project-slug mail ', ['mail', 'main', 'web']],
    ['up -c other.json ', ['elsewhere']],
    ['up --config none.json ', []],
    ['connect w', ['web']],
    ['connect web ', []],
    ['status ', []],
    ['client-config ', CLIENT_IDS],
    ['client-config zed --server ', ['mail', 'main', 'web']],
    ['client-config zed --server mail ma', ['mail', 'main']],
    ['client-config zed --via ', ['http', 'stdio']],
    ['logs --level w', ['warn']],
    ['logs --level=w', ['--level=warn']],
    ['logs --level = w', ['warn']],
    ['logs --level =', ['debug', 'info', 'warn', 'error']],
    ['logs -n ', []],
    ['env --shell ', SHELLS],
    ['startup --platform m', ['macos']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['exec -- ', [':files']],
    ['exec -- ls --he', [':files']],
    ['init --from ', [':files']],
    ['up --config ', [':files']],
    ['stauts ', []],
  ])('%j: %j', async (line, values) => {
    expect(await offered(line)).toEqual(values);
  });

  it('verbs and options say what they are', async () => {
    const { out } = await runIn('/', ['complete', '--', 'down', '--j']);
    expect(out).toBe('--json\tprint JSON, for scripts\n');
  });
});

describe('what never happens', () => {
  it('the config is not run, and nothing is made', async () => {
    const { dir, path } = project();
    await offered('up ', dir);
    expect(existsSync(path('ran'))).toBe(false);
    expect(readdirSync(dir).sort()).toEqual(['ecosystem.config.ts', 'other.json']);
  });

  it('an error: without a project there are verbs and options all the same', async () => {
    const { dir } = tempDir();
    expect(await offered('up ', dir)).toEqual([]);
    expect(await offered('up --dr', dir)).toEqual(['--dry-run']);
    expect(await runIn(dir, ['complete'])).toMatchObject({ code: 0, err: '' });
  });
});

it('a shell without a script is refused, with those that there are', async () => {
  const { code, err } = await runIn('/', ['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(err).toMatch(/no completion for tcsh\n.*bash, zsh, fish/);
});
