import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

export interface Import {
  /** As it is written. */
  readonly from: string;
  /** Erased when compiled: nothing is loaded for it. */
  readonly typeOnly: boolean;
  readonly isExport: boolean;
}

/** A file of `src`, as much of it as the rules of the architecture are about. */
export interface SourceFile {
  /** Below `src`, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The kinds of its statements, an exported one's own. */
  readonly statements: readonly string[];
  readonly imports: readonly Import[];
  /** The files that are named by `new URL('./file', import.meta.url)`, as paths like `path`. */
  readonly urls: readonly string[];
  /** Every text in it that is not an import's. */
  readonly strings: readonly string[];
  /** What it takes of the global `process`; `process` itself where it is not just one member. */
  readonly processUses: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

export function readSources(): readonly SourceFile[] {
  const entries = readdirSync(SRC, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return files.map(readSource).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The path of what a relative import leads to. */
export function target(file: SourceFile, { from }: Import): string {
  return below(resolve(SRC, dirname(file.path), from));
}

function readSource(file: string): SourceFile {
  const text = readFileSync(file, 'utf8');
  const program = parseAst(text, { lang: 'ts' }) as unknown as { body: readonly Node[] };
  const path = below(file);
  const facts = {
    imports: [] as Import[],
    urls: [] as string[],
    strings: [] as string[],
    processUses: [] as string[],
  };
  for (const statement of program.body) {
    const { source } = statement;
    if (!isNode(source)) continue;
    facts.imports.push({
      from: String(source['value']),
      typeOnly: isTypeOnly(statement),
      isExport: statement.type.startsWith('Export'),
    });
  }
  visit(program.body, null, (node, parent) => {
    if (node.type === 'ImportExpression') {
      const source = node['source'] as Node;
      // A name that is worked out at run time is a file of the user's.
      if (source.type === 'Literal') {
        facts.imports.push({ from: String(source['value']), typeOnly: false, isExport: false });
      }
    }
    if (node.type === 'NewExpression' && isIdentifier(node['callee'], 'URL')) {
      const [first] = node['arguments'] as Node[];
      if (first?.type === 'Literal') facts.urls.push(below(resolve(dirname(file), String(first['value']))));
    }
    if (
      node.type === 'Literal' &&
      typeof node['value'] === 'string' &&
      !parent?.type.endsWith('Declaration')
    ) {
      facts.strings.push(node['value']);
    }
    if (isIdentifier(node, 'process') && isReference(node, parent)) {
      const member = parent?.type === 'MemberExpression' && parent['computed'] === false;
      facts.processUses.push(member ? String((parent['property'] as Node)['name']) : 'process');
    }
  });
  return { path, text, statements: program.body.map(kindOf), ...facts };
}

function visit(value: unknown, parent: Node | null, onNode: (node: Node, parent: Node | null) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, parent, onNode);
  } else if (isNode(value)) {
    onNode(value, parent);
    for (const child of Object.values(value)) visit(child, value, onNode);
  }
}

function isTypeOnly(statement: Node): boolean {
  if (statement['importKind'] === 'type' || statement['exportKind'] === 'type') return true;
  const specifiers = (statement['specifiers'] ?? []) as Node[];
  return specifiers.length > 0 && specifiers.every((specifier) => specifier['importKind'] === 'type');
}

function kindOf(statement: Node): string {
  const { declaration } = statement;
  return isNode(declaration) ? declaration.type : statement.type;
}

/** Not the name of a member or a key that happens to be called so. */
function isReference(node: Node, parent: Node | null): boolean {
  if (parent === null || parent['computed'] === true) return true;
  return parent['property'] !== node && parent['key'] !== node;
}

function isIdentifier(value: unknown, name: string): boolean {
  return isNode(value) && value.type === 'Identifier' && value['name'] === name;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function below(file: string): string {
  return relative(SRC, file).replaceAll('\\', '/');
}
