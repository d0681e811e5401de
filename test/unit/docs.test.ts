import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedDocs } from '../../scripts/config-docs.ts';
import { CATALOGUE, type CatalogueRow, type ErrorCode, SupervisorError } from '../../src/errors.ts';
import { docsOf, WARNING_CODES } from '../../src/warnings/codes.ts';
import { REPO } from '../support/cli.ts';

const read = (path: string) => readFileSync(join(REPO, path), 'utf8');
const source = () => filesBelow('src', '.ts').map(read).join('\n');
const filesBelow = (folder: string, extension: string) =>
  readdirSync(join(REPO, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));

test('docs/warnings.md has a section for every code that can be raised, and no other', () => {
  const raised = [...source().matchAll(/\bcode: '([a-z0-9-]+(?:\.[a-z0-9-]+)+)'/g)].map(([, code]) => code);
  const page = read('docs/warnings.md');
  const documented = [...page.matchAll(/^<a id="([^"]+)"><\/a>\n\n### `\1`$/gm)].map(([, code]) => code);
  expect(documented.toSorted()).toEqual([...new Set(raised)].toSorted());
  // src/warnings/codes.ts is what leads there.
  expect([...WARNING_CODES]).toEqual(documented.toSorted());
});

test('where a warning or an error says that it is explained, it is, also in the package', () => {
  const places = [...WARNING_CODES].map(docsOf);
  const errors = (Object.keys(CATALOGUE) as ErrorCode[]).map(
    (code) => new SupervisorError(code, '', '').docs,
  );
  for (const place of [...places, ...errors]) {
    const [path = '', anchor] = place?.split('#') ?? [];
    expect([place, anchor !== undefined && leads(path, anchor)]).toEqual([place, true]);
  }
  expect(docsOf('my.quota')).toBeNull();
  expect(JSON.parse(read('package.json')).files).toContain('docs');
});

test('docs/errors.md has a row for every error code, as the catalogue has it', () => {
  const page = read('docs/errors.md');
  const rows = [
    ...page.matchAll(/^\| +<a id="([a-z.-]+)"><\/a>`\1` +\| +(\w+) +\| +(\d) +\| +(\d+) +\| +\S/gm),
  ];
  const documented = rows.map(([, code, blame, exitCode, httpStatus]) => [
    code,
    { blame, exitCode: Number(exitCode), httpStatus: Number(httpStatus) },
  ]);
  const catalogue: Readonly<Record<string, CatalogueRow>> = CATALOGUE;
  expect(Object.fromEntries(documented)).toEqual(catalogue);
});

test('every error code is thrown somewhere', () => {
  const thrown = [...source().matchAll(/new SupervisorError\(\s*'([a-z.-]+)'/g)].map(([, code]) => code);
  expect([...new Set(thrown)].toSorted()).toEqual(Object.keys(CATALOGUE).toSorted());
});

test.each(Object.entries(generatedDocs()))('%s is what `npm run docs` writes', (path, text) => {
  expect(read(path)).toBe(text);
});

test('every key of the config says what it is for', () => {
  expect(generatedDocs()['docs/config.md']?.match(/^\| `.*\| +\|$/gm)).toBeNull();
});

test('docs/architecture.md says who imports whom', () => {
  const page = read('docs/architecture.md');
  const rows = [...page.matchAll(/^\| +`(\w+)` +\| +\S.* \| *([\w, ]*?) *\|$/gm)];
  const table = rows.map(([, folder = '', imports = '']) => [
    folder,
    imports === '' ? [] : imports.split(', '),
  ]);
  const folders = readdirSync(join(REPO, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const actual = folders.map((folder) => [folder, folder === 'bin' ? ['all'] : importedBy(folder, folders)]);
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(actual));
});

test('what the pages link to exists', () => {
  const folders = ['docs', 'examples'].flatMap((folder) => filesBelow(folder, '.md'));
  const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...folders];
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, path, anchor]) => !leads(path === '' ? page : join(dirname(page), path ?? ''), anchor))
      .map(([link]) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});

test('the recording shows the verbs of the README, and neither a token nor a path of whoever made it', () => {
  const recording = read('docs/recording.svg');
  expect(read('README.md')).toContain('](docs/recording.svg)');
  for (const verb of ['up', 'status', 'down']) expect(recording).toContain(`npx mcp-supervisor ${verb}<`);
  expect(recording).not.toMatch(/sntry|\/(tmp|root|home|Users|work)\b/);
});

/** The other folders of `src` that files of this one import. */
function importedBy(folder: string, folders: readonly string[]): string[] {
  const files = filesBelow(`src/${folder}`, '.ts');
  const imported = files.flatMap((file) =>
    [...read(file).matchAll(/from '(\.[^']+)'/g)].map(
      ([, path = '']) => join(dirname(file), path).split('/')[1],
    ),
  );
  return folders.filter((other) => other !== folder && imported.includes(other)).toSorted();
}

/** An anchor is one that was written out, or a heading in GitHub's spelling. */
function leads(path: string, anchor: string | undefined): boolean {
  if (!existsSync(join(REPO, path))) return false;
  if (anchor === undefined) return true;
  const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  return headings.includes(anchor) || read(path).includes(`<a id="${anchor}"></a>`);
}
