import jsonc, { type Node, type ParseError } from 'jsonc-parser';
import { SupervisorError } from '../errors.ts';

const OPTIONS = { allowTrailingComma: true, allowEmptyContent: true } as const;

/** The tree of a JSON text with comments; null where there is nothing in it. `file` is for the error. */
export function parseJsonc(text: string, file: string): Node | null {
  const errors: ParseError[] = [];
  const tree = jsonc.parseTree(text, errors, OPTIONS);
  const [first] = errors;
  if (first === undefined) return tree ?? null;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new SupervisorError(
    'files.unusable',
    `${file} is no valid JSON: ${jsonc.printParseErrorCode(first.error)} on line ${line}`,
    'Correct it first; it was left as it is.',
  );
}

/** What the tree stands for. */
export function jsonValue(tree: Node | null): unknown {
  return tree === null ? undefined : jsonc.getNodeValue(tree);
}

/** The property called `name`; of several the last one, which is the one that counts. */
export function property(object: Node, name: string): Node | null {
  const found = object.children?.filter((child) => child.children?.[0]?.value === name) ?? [];
  return found.at(-1) ?? null;
}

/** The value that `path` leads to. */
export function valueAt(tree: Node | null, path: readonly string[]): Node | null {
  return path.reduce<Node | null>((node, name) => {
    return node?.type === 'object' ? (property(node, name)?.children?.[1] ?? null) : null;
  }, tree);
}

export const endOf = (node: Node): number => node.offset + node.length;

/** Where white space and comments end that begin at `from`; with `sameLine` the line's end is an end too. */
export function afterTrivia(text: string, from: number, sameLine = false): number {
  let at = from;
  for (;;) {
    const [space = ''] = /^[^\S\r\n]*/.exec(text.slice(at, at + 4096)) ?? [];
    const [comment] = /^(?:\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)/.exec(text.slice(at + space.length)) ?? [];
    if (comment !== undefined) at += space.length + comment.length;
    else if (space !== '' && !sameLine) at += space.length;
    else if (!sameLine && /[\r\n]/.test(text[at] ?? '')) at += 1;
    else return at;
  }
}

/** How the text is laid out: its line break and its indentation. */
export function layoutOf(text: string): { readonly eol: string; readonly unit: string } {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const [, , unit = '  '] = /^([^\S\r\n]*)[{[][^\S\r\n]*\r?\n\1([ \t]+)["{[]/m.exec(text) ?? [];
  return { eol, unit: unit.startsWith('\t') ? '\t' : unit };
}

/** The white space that the line of `offset` begins with. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}
