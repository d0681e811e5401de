import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Language, type Node, Parser } from '@vscode/tree-sitter-wasm';

const WASM = dirname(createRequire(import.meta.url).resolve('@vscode/tree-sitter-wasm'));

/** Parses PowerShell as VS Code does; there is none here to run it. */
export async function parsePowershell(text: string): Promise<Node> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(join(WASM, 'tree-sitter-powershell.wasm')));
  const tree = parser.parse(text);
  if (tree === null) throw new Error('the parser gave up');
  return tree.rootNode;
}

export function descendants(node: Node, type: string): Node[] {
  return node.descendantsOfType(type).filter((found) => found !== null);
}
