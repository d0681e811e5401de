import { isDeepStrictEqual } from 'node:util';
import type { Node } from 'jsonc-parser';
import { SupervisorError } from '../errors.ts';
import { before, fresh, isInline, json, nested, plain, split } from './jsonc-layout.ts';
import {
  afterTrivia,
  endOf,
  indentAt,
  jsonValue,
  layoutOf,
  parseJsonc,
  property,
  valueAt,
} from './jsonc-text.ts';

/**
 * Edits that touch what they are about and nothing beside it: jsonc-parser's own `modify` formats the lines
 * around, and takes comments along with what it removes.
 */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Sets `path.name`; objects on the way are made where they are missing. */
export function setMember(
  text: string,
  file: string,
  path: readonly string[],
  name: string,
  value: unknown,
): string {
  const { body, bom } = split(text);
  const tree = parseJsonc(body, file);
  if (tree === null) return `${bom}${before(body)}${fresh(nested([...path, name], value), layoutOf(body))}`;
  const [holder, rest] = deepest(tree, path, file);
  const existing = rest.length === 0 ? property(holder, name)?.children?.[1] : undefined;
  if (existing !== undefined) {
    if (isDeepStrictEqual(plain(jsonValue(existing)), plain(value))) return text;
    const indent = isInline(body, holder) ? null : indentAt(body, existing.offset);
    const put = json(value, body, indent);
    return bom + applied(body, [{ from: existing.offset, to: endOf(existing), text: put }]);
  }
  const [key = name, ...deeper] = [...rest, name];
  const member = (indent: string | null) =>
    `${JSON.stringify(key)}:${indent === null && !body.includes(': ') ? '' : ' '}${json(nested(deeper, value), body, indent)}`;
  return bom + applied(body, insertion(body, holder, member));
}

/** Puts the value of `path.name` back as `original` has it written. */
export function restoreMember(
  text: string,
  file: string,
  path: readonly string[],
  name: string,
  original: string,
): string {
  const { body, bom } = split(text);
  const source = split(original).body;
  const [now, then] = [body, source].map((one) => valueAt(parseJsonc(one, file), [...path, name]));
  if (now == null || then == null) return text;
  const put = source.slice(then.offset, endOf(then));
  return bom + applied(body, [{ from: now.offset, to: endOf(now), text: put }]);
}

/** Adds `value` to the list `path`, which is made where it is missing. */
export function appendItem(text: string, file: string, path: readonly string[], value: unknown): string {
  const { body } = split(text);
  const list = valueAt(parseJsonc(body, file), path);
  const name = path.at(-1) ?? '';
  if (list === null) return setMember(text, file, path.slice(0, -1), name, [value]);
  if (list.type !== 'array') throw notA('list', path, file);
  const edits = insertion(body, list, (indent) => json(value, body, indent));
  return split(text).bom + applied(body, edits);
}

/** Takes `path.name` out; with `prune`, also what is empty then on the way to it. */
export function removeMember(
  text: string,
  file: string,
  path: readonly string[],
  name: string,
  prune = false,
): string {
  const { body, bom } = split(text);
  const holder = valueAt(parseJsonc(body, file), path);
  const found = holder?.type === 'object' ? property(holder, name) : null;
  if (holder === null || found === null) return text;
  const result = bom + applied(body, removal(body, holder, found));
  const left = (holder.children?.length ?? 0) - 1;
  const [parent, own] = [path.slice(0, -1), path.at(-1)];
  if (!prune || left > 0 || own === undefined) return result;
  return removeMember(result, file, parent, own, prune);
}

/** Takes the items of the list `path` out that `matches` knows. */
export function removeItem(
  text: string,
  file: string,
  path: readonly string[],
  matches: (item: Node) => boolean,
  prune = false,
): string {
  const { body, bom } = split(text);
  const list = valueAt(parseJsonc(body, file), path);
  const found = list?.type === 'array' ? list.children?.find(matches) : undefined;
  if (list === null || found === undefined) return text;
  const result = bom + applied(body, removal(body, list, found));
  const own = path.at(-1);
  return prune && list.children?.length === 1 && own !== undefined
    ? removeMember(result, file, path.slice(0, -1), own, prune)
    : result;
}

/** The innermost object of `path` that is there, and what is missing behind it. */
function deepest(tree: Node, path: readonly string[], file: string): [Node, readonly string[]] {
  let node = tree;
  for (const [index, name] of path.entries()) {
    if (node.type !== 'object') throw notA('object', path.slice(0, index), file);
    const next = property(node, name)?.children?.[1];
    if (next === undefined) return [node, path.slice(index)];
    node = next;
  }
  if (node.type !== 'object') throw notA('object', path, file);
  return [node, []];
}

/** Puts a child behind the last one of a list or an object, in the way that its siblings are written. */
function insertion(text: string, holder: Node, child: (indent: string | null) => string): Edit[] {
  const { eol, unit } = layoutOf(text);
  const [first, last] = [holder.children?.[0], holder.children?.at(-1)];
  if (first === undefined || last === undefined) {
    const base = indentAt(text, holder.offset);
    const end = endOf(holder) - 1;
    // Behind the comments that may be in it.
    const at = end - (/\s*$/.exec(text.slice(holder.offset + 1, end))?.[0].length ?? 0);
    const put = `${eol}${base}${unit}${child(base + unit)}`;
    const closed = text.slice(at, end).includes('\n');
    return [closed ? insert(at, put) : { from: at, to: end, text: `${put}${eol}${base}` }];
  }
  const end = endOf(last);
  const comma = afterTrivia(text, end);
  const trailing = text[comma] === ',';
  if (isInline(text, holder)) {
    return [trailing ? insert(comma + 1, ` ${child(null)},`) : insert(end, `, ${child(null)}`)];
  }
  const indent = indentAt(text, first.offset);
  const line = `${eol}${indent}${child(indent)}`;
  if (trailing) return [insert(afterTrivia(text, comma + 1, true), `${line},`)];
  return [insert(end, ','), insert(afterTrivia(text, end, true), line)];
}

/** The child, the white space before it, and one comma. */
function removal(text: string, holder: Node, child: Node): Edit[] {
  const siblings = holder.children ?? [];
  const previous = siblings[siblings.indexOf(child) - 1];
  const lead = /\s*$/.exec(text.slice(holder.offset + 1, child.offset))?.[0].length ?? 0;
  const end = endOf(child);
  const next = afterTrivia(text, end);
  const comma = text[next] === ',' ? next : previous === undefined ? null : commaAfter(text, previous);
  const commas = comma === null ? [] : [{ from: comma, to: comma + 1, text: '' }];
  const from = child.offset - lead;
  // A comment before it needs the end of its line.
  const rest = text.slice(comma === next ? next + 1 : end);
  const between = text.slice(previous === undefined ? holder.offset + 1 : endOf(previous), from);
  const keeps = endsInLineComment(between) && !/^[ \t]*\r?\n/.test(rest);
  return [{ from: keeps ? child.offset : from, to: end, text: '' }, ...commas];
}

/** `trivia` is what stands between two values. */
function endsInLineComment(trivia: string): boolean {
  const last = [...trivia.matchAll(/\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g)].at(-1);
  return last?.[0].startsWith('//') === true && last.index + last[0].length === trivia.length;
}

function commaAfter(text: string, node: Node): number | null {
  const at = afterTrivia(text, endOf(node));
  return text[at] === ',' ? at : null;
}

function insert(at: number, text: string): Edit {
  return { from: at, to: at, text };
}

function applied(text: string, edits: readonly Edit[]): string {
  const fromTheEnd = edits.map((edit, index) => ({ ...edit, index }));
  fromTheEnd.sort((a, b) => b.from - a.from || b.index - a.index);
  return fromTheEnd.reduce((all, { from, to, text: put }) => all.slice(0, from) + put + all.slice(to), text);
}

function notA(kind: string, path: readonly string[], file: string): SupervisorError {
  const what = path.length === 0 ? 'its content' : `\`${path.join('.')}\``;
  const hint = 'Correct it first; it was left as it is.';
  return new SupervisorError('files.unusable', `${file}: ${what} is no ${kind}`, hint);
}
