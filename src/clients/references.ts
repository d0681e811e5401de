import { basename } from 'node:path';

/**
 * What a client replaces in its entries: `shell` is `${X}` and `${X:-default}`, `gemini` is `$X` and `${X}`,
 * `editor` is `${env:X}`, `${input:x}`, `${workspaceFolder}` and the like.
 */
export type ReferenceSyntax = 'shell' | 'gemini' | 'editor' | 'none';

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: string };

/** A text of a client's config, told apart into what is literal and what is a variable. */
export type Template = readonly Part[];

export interface ReferenceScope {
  /** The defaults of `inputs`, by id. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What `${workspaceFolder}` stands for. */
  readonly workspace: string;
  readonly root: string;
  readonly platform: NodeJS.Platform;
}

const PATTERNS: Readonly<Record<Exclude<ReferenceSyntax, 'none'>, RegExp>> = {
  shell: /\$\{([A-Za-z_]\w*)(?::-([^{}]*))?\}/g,
  gemini: /\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g,
  editor: /\$\{([A-Za-z/]+)(?::([^{}]+))?\}/g,
};

export function parseReferences(text: string, syntax: ReferenceSyntax, scope: ReferenceScope): Template {
  if (syntax === 'none') return literal(text);
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(PATTERNS[syntax])) {
    const part = syntax === 'editor' ? editorPart(match, scope) : variablePart(match, syntax);
    parts.push(...literal(text.slice(end, match.index)), part);
    end = match.index + match[0].length;
  }
  return joined([...parts, ...literal(text.slice(end))]);
}

export function literal(text: string): Template {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** The text where there is nothing but text, else null. */
export function plainText(template: Template): string | null {
  return template.some(({ kind }) => kind === 'variable') ? null : template.map(textOf).join('');
}

/** Stands for `$`s where a reference begins behind them: `$${` would be a literal `${`. */
const dollars = (text: string) => `\${MCP_SUPERVISOR_DOLLAR:-${text}}`;

/** The same in the syntax of our config. */
export function configText(template: Template): string {
  return joined(template).reduce((before, part) => {
    if (part.kind === 'text') return before + part.text.replaceAll('${', '$$${');
    const head = before.replace(/\$+$/, dollars);
    return `${head}\${${part.name}${part.fallback === undefined ? '' : `:-${part.fallback}`}}`;
  }, '');
}

export function variablesOf(template: Template): string[] {
  return template.flatMap((part) => (part.kind === 'variable' ? [part.name] : []));
}

/** The variables without which our config has no value for the text. */
export function requiredBy(template: Template): string[] {
  return variablesOf(template.filter((part) => part.kind === 'variable' && part.fallback === undefined));
}

function variablePart(match: RegExpExecArray, syntax: 'shell' | 'gemini'): Part {
  const [, name = '', second] = match;
  if (syntax === 'gemini') return { kind: 'variable', name: second ?? name };
  return { kind: 'variable', name, ...(second === undefined ? {} : { fallback: second }) };
}

function editorPart([whole, kind = '', what]: RegExpExecArray, scope: ReferenceScope): Part {
  // These clients put nothing where the variable is not set.
  if (kind === 'env' && what !== undefined && /^[A-Za-z_]\w*$/.test(what)) {
    return { kind: 'variable', name: what, fallback: '' };
  }
  if (kind === 'input' && what !== undefined) {
    const fallback = scope.inputs[what];
    const usable = fallback !== undefined && !/[{}]/.test(fallback);
    return { kind: 'variable', name: variableName(what), ...(usable ? { fallback } : {}) };
  }
  if (what !== undefined) return { kind: 'text', text: whole };
  switch (kind) {
    case 'workspaceFolder':
      return { kind: 'text', text: scope.workspace };
    case 'workspaceFolderBasename':
      return { kind: 'text', text: basename(scope.root) };
    case 'userHome':
      return { kind: 'variable', name: scope.platform === 'win32' ? 'USERPROFILE' : 'HOME' };
    case 'pathSeparator':
    case '/':
      return { kind: 'text', text: scope.platform === 'win32' ? '\\' : '/' };
    default:
      return { kind: 'text', text: whole };
  }
}

/** `github-token` → `GITHUB_TOKEN`. */
export function variableName(text: string): string {
  const words = text.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  const name = words.replace(/^_+|_+$/g, '').toUpperCase();
  return /^[A-Z]/.test(name) ? name : `VALUE_${name}`.replace(/_$/, '');
}

/** Neighbouring texts as one, so that a `${` is found that two of them make up. */
function joined(parts: Template): Template {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last?.kind !== 'text' || part.kind !== 'text') all.push(part);
    else all[all.length - 1] = { kind: 'text', text: last.text + part.text };
  }
  return all;
}

function textOf(part: Part): string {
  return part.kind === 'text' ? part.text : '';
}
