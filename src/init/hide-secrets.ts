import type { FoundServer } from '../clients/read-servers.ts';
import { literal, type Part, plainText, type Template, variableName } from '../clients/references.ts';
import { isSecretName, looksSecret } from './secret-shapes.ts';
import type { SecretStore } from './secret-store.ts';

/** The server with references in place of the secrets that were written into it. */
export function hideSecrets(server: FoundServer, name: string, store: SecretStore): FoundServer {
  const prefix = variableName(name);
  const env = Object.entries(server.env).map(([key, value]): [string, Template] => {
    const text = plainText(value);
    const named = isSecretName(key);
    if (text !== null) {
      const secret = text !== '' && (named || looksSecret(text));
      return [key, secret ? store.move(key, text) : value];
    }
    return [key, hideWithin(named ? value.map(required) : value, key, named, store)];
  });
  return {
    ...server,
    command: hideWithin(server.command, `${prefix}_SECRET`, false, store),
    args: server.args.map((arg, index) => {
      const flag = secretFlag(server.args[index - 1]);
      const text = plainText(arg);
      if (flag !== null && text !== null && text !== '' && !text.startsWith('-')) {
        return store.move(`${prefix}_${variableName(flag)}`, text);
      }
      return text === null
        ? hideWithin(arg, `${prefix}_SECRET`, false, store)
        : hideInArg(text, prefix, store);
    }),
    env: Object.fromEntries(env),
  };
}

/** `--api-key`, whose value is the next argument. */
function secretFlag(arg: Template | undefined): string | null {
  const [, name = ''] = /^--?([A-Za-z][\w.-]*)$/.exec(plainText(arg ?? []) ?? '') ?? [];
  return isSecretName(name) ? name : null;
}

/** `--token=x`, `TOKEN=x`, `Authorization: Bearer x`, one within the other: what stands before the value. */
const LABELS: readonly { readonly pattern: RegExp; readonly own: boolean }[] = [
  { pattern: /^--?(?<name>[A-Za-z][\w.-]*)=/, own: false },
  { pattern: /^(?<name>[A-Za-z_]\w*)=/, own: true },
  { pattern: /^(?<name>[A-Za-z][\w-]*):[ \t]*(?!\/\/)/, own: false },
  { pattern: /^(?<name>bearer|basic|token)[ \t]+/i, own: false },
];

function hideInArg(text: string, prefix: string, store: SecretStore, outer: string | null = null): Template {
  for (const { pattern, own } of LABELS) {
    const match = pattern.exec(text);
    const name = match?.groups?.['name'];
    if (match === null || name === undefined) continue;
    const value = text.slice(match[0].length);
    const called = own ? name : `${prefix}_${variableName(name)}`;
    const inner = isSecretName(name) && value !== '' ? called : null;
    // `Bearer` in `Authorization: Bearer x` is no name for x.
    return [...literal(match[0]), ...hideInArg(value, prefix, store, outer ?? inner)];
  }
  if (text !== '' && outer !== null) return store.move(outer, text);
  return looksSecret(text) ? store.move(`${prefix}_SECRET`, text) : literal(text);
}

/** Longer than `Bearer `, which is no secret beside one. */
const MIN_NAMED_CHARS = 8;

/** The literal parts of a text that has references, too. */
function hideWithin(template: Template, name: string, named: boolean, store: SecretStore): Template {
  return template.flatMap((part) => {
    if (part.kind === 'variable') return [part];
    const secret = looksSecret(part.text) || (named && part.text.length >= MIN_NAMED_CHARS);
    return secret ? store.move(name, part.text) : [part];
  });
}

/** A secret that is missing is worth a word, so an empty one does not stand in for it. */
function required(part: Part): Part {
  return part.kind === 'variable' && part.fallback === '' ? { kind: 'variable', name: part.name } : part;
}
