import type { Node } from 'jsonc-parser';
import { layoutOf } from './jsonc-text.ts';

/** `value` as it would stand at `indent`; null: in the middle of a line. */
export function json(value: unknown, text: string, indent: string | null): string {
  if (indent === null) return JSON.stringify(value);
  const { eol, unit } = layoutOf(text);
  return JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${indent}`);
}

export function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, name) => ({ [name]: inner }), value);
}

export function fresh(value: unknown, { eol, unit }: { eol: string; unit: string }): string {
  return `${JSON.stringify(value, null, unit).replaceAll('\n', eol)}${eol}`;
}

/** A text without a value is a comment, or nothing. */
export function before(text: string): string {
  return text.trim() === '' ? '' : `${text.trimEnd()}\n`;
}

export function split(text: string): { bom: string; body: string } {
  return text.startsWith('\uFEFF') ? { bom: '\uFEFF', body: text.slice(1) } : { bom: '', body: text };
}

/** As JSON has it: without prototypes, which jsonc-parser's objects lack. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Whether the first child stands on the line of the bracket: then all of them do, or so we take it. */
export function isInline(text: string, holder: Node): boolean {
  const [first] = holder.children ?? [];
  return first !== undefined && !text.slice(holder.offset, first.offset).includes('\n');
}
