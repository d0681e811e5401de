import { parse } from 'dotenv';
import { checkEnvText } from './env-text.ts';

/** A value that needs no quotes for anybody who reads env files, a shell included. */
const PLAIN = /^[A-Za-z0-9_./:@%+,=-]*$/;

/** `NAME=value`, so that dotenv reads exactly `value` from it; null where it has no way to say it. */
export function envLine(name: string, value: string): string | null {
  const lines = spellings(value).map((text) => `${name}=${text}`);
  return lines.find((line) => reads(line, name, value)) ?? null;
}

/** The ways to write a value, the clearest first. dotenv knows no escapes but `\n` and `\r` in double quotes. */
function spellings(value: string): readonly string[] {
  if (PLAIN.test(value)) return [value];
  const escaped = value.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  const quoted = [`'${value}'`, `\`${value}\``, `"${escaped}"`];
  // It takes the last quote of a line for the end, so one within is possible, but nobody else reads it so.
  const clear = quoted.filter((text) => !value.includes(text[0] ?? ''));
  return [...clear, ...quoted, value];
}

/** The fewest pieces of `value` that can each be written; mostly one. Of no use for a NUL, which no variable holds. */
export function envPieces(name: string, value: string): string[] {
  if (envLine(name, value) !== null) return [value];
  const characters = [...value];
  if (characters.length === 1) return [value];
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
