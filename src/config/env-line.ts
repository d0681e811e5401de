import { parse } from 'dotenv';
import { checkEnvText } from './env-text.ts';

/** The ways to write a value, the plainest first. dotenv knows no escapes but `\n` and `\r` in double quotes. */
const SPELLINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `'${value}'`,
  (value) => `\`${value}\``,
  (value) => `"${value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`,
];

/** A value that needs no quotes for anybody who reads env files, a shell included. */
const PLAIN = /^[A-Za-z0-9_./:@%+,=-]*$/;

/** `NAME=value`, so that dotenv reads exactly `value` from it; null where it has no way to say it. */
export function envLine(name: string, value: string): string | null {
  const spellings = PLAIN.test(value) ? SPELLINGS : SPELLINGS.slice(1).concat(SPELLINGS.slice(0, 1));
  return spellings.map((spell) => `${name}=${spell(value)}`).find((line) => reads(line, name, value)) ?? null;
}

/** The fewest pieces of `value` that can each be written; mostly one. Of no use for a NUL, which no variable holds. */
export function envPieces(name: string, value: string): string[] {
  if (envLine(name, value) !== null) return [value];
  const characters = [...value];
  let size = characters.length - 1;
  while (size > 1 && envLine(name, characters.slice(0, size).join('')) === null) size--;
  return [characters.slice(0, size).join(''), ...envPieces(name, characters.slice(size).join(''))];
}

function reads(line: string, name: string, value: string): boolean {
  const text = `${line}\nEND=here\n`;
  const { problem, ignoredLines } = checkEnvText(text);
  if (problem !== null || ignoredLines.length > 0) return false;
  const values = parse(text);
  return values[name] === value && values['END'] === 'here' && Object.keys(values).length === 2;
}

/** The names of an env file's text without their values: as much of it as may be shown. */
export function hideValues(text: string): string {
  return Object.keys(parse(text))
    .map((name) => `${name}=[redacted]\n`)
    .join('');
}
