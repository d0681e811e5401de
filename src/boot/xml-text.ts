import { SupervisorError } from '../errors.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about them.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** A text as the content of an XML element. Throws `usage.invalid` for what XML cannot hold. */
export function xmlText(text: string): string {
  if (FORBIDDEN.test(text)) {
    const message = `XML cannot hold a control character, and there is one in ${JSON.stringify(text)}`;
    throw new SupervisorError('usage.invalid', message, 'Give the folder another name.');
  }
  return text
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
