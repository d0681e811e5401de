import type { Client, Entry } from './catalogue.ts';
import { TOKEN_INPUT, TOKEN_PROMPT } from './gateway-entry.ts';
import { appendItem, removeItem, removeMember, restoreMember, setMember } from './jsonc-edit.ts';
import { split } from './jsonc-layout.ts';
import { jsonValue, parseJsonc, valueAt } from './jsonc-text.ts';
import { removeTable, restoreTable, setTable, tableText } from './toml-edit.ts';
import { parseToml } from './toml-text.ts';

export interface Prune {
  readonly key: boolean;
  readonly inputs: boolean;
}

/** The text of a client's config, in either format; `file` is for errors. */
export class ClientText {
  readonly #client: Client;
  readonly #file: string;

  constructor(client: Client, file: string) {
    this.#client = client;
    this.#file = file;
  }

  /** What the file holds; null for an empty one. */
  value(text: string): Readonly<Record<string, unknown>> | null {
    const value = this.#client.format === 'toml' ? parseToml(text, this.#file) : jsonValue(this.#json(text));
    return isRecord(value) ? value : null;
  }

  entries(text: string): Readonly<Record<string, unknown>> {
    const entries = this.value(text)?.[this.#client.key];
    return isRecord(entries) ? entries : {};
  }

  with(text: string, entries: readonly (readonly [string, Entry])[], prompt: boolean): string {
    const { format, key } = this.#client;
    const file = this.#file;
    if (format === 'toml') {
      return entries.reduce((all, [name, entry]) => setTable(all, file, key, name, entry), text);
    }
    const result = entries.reduce((all, [name, entry]) => setMember(all, file, [key], name, entry), text);
    if (!prompt || this.#hasPrompt(result)) return result;
    return appendItem(result, file, ['inputs'], TOKEN_PROMPT);
  }

  without(text: string, name: string, prune: Prune): string {
    const { format, key } = this.#client;
    if (format === 'toml') return removeTable(text, this.#file, key, name);
    const result = removeMember(text, this.#file, [key], name, prune.key);
    // Another entry, perhaps of another project, may ask for the same input.
    if (result.includes(`\${input:${TOKEN_INPUT}}`)) return result;
    const isOurs = (item: unknown) => isRecord(item) && item['id'] === TOKEN_INPUT;
    return removeItem(result, this.#file, ['inputs'], (node) => isOurs(jsonValue(node)), prune.inputs);
  }

  /** Puts the entry back that `original` has under this name, as it is written there. */
  restored(text: string, name: string, original: string): string {
    const { format, key } = this.#client;
    return format === 'toml'
      ? restoreTable(text, this.#file, key, name, original)
      : restoreMember(text, this.#file, [key], name, original);
  }

  #hasPrompt(text: string): boolean {
    const inputs = valueAt(this.#json(text), ['inputs']);
    const items: unknown = jsonValue(inputs);
    return Array.isArray(items) && items.some((item) => isRecord(item) && item['id'] === TOKEN_INPUT);
  }

  #json(text: string) {
    return parseJsonc(split(text).body, this.#file);
  }
}

/** The entries alone, as a file that holds nothing else. */
export function snippet(
  client: Client,
  entries: readonly (readonly [string, Entry])[],
  prompt: boolean,
): string {
  if (client.format === 'toml')
    return entries.map(([name, entry]) => tableText(client.key, name, entry)).join('\n');
  const inputs = prompt ? { inputs: [TOKEN_PROMPT] } : {};
  return `${JSON.stringify({ [client.key]: Object.fromEntries(entries), ...inputs }, null, 2)}\n`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
