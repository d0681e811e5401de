import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import { SupervisorError } from '../errors.ts';
import { parseToml, type Section, sections } from './toml-text.ts';

type Table = Readonly<Record<string, unknown>>;

/**
 * Sets the table `[key.name]`, by its text: no TOML library that is fit for this keeps comments. What comes out
 * is parsed and compared, so an entry that is written in another way is refused rather than damaged.
 */
export function setTable(text: string, file: string, key: string, name: string, entry: Table): string {
  const before = parseToml(text, file);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const table = tableText(key, name, entry).replaceAll('\n', eol);
  const own = sectionsOf(text, key, name);
  const [first] = own;
  const result =
    first === undefined
      ? `${ended(text, eol)}${text.trim() === '' ? '' : eol}${table}`
      : replaced(text, own, first, table);
  return verified(result, file, { ...before, [key]: { ...tableAt(before, key), [name]: entry } });
}

/** Puts the table back as `original` has it written. */
export function restoreTable(
  text: string,
  file: string,
  key: string,
  name: string,
  original: string,
): string {
  const before = parseToml(text, file);
  const entry = tableAt(parseToml(original, file), key)[name];
  const [own, then] = [sectionsOf(text, key, name), sectionsOf(original, key, name)];
  const [first] = own;
  if (first === undefined || entry === undefined) return text;
  const whole = then.map((section, index) => {
    return gapBefore(original, then, index) + original.slice(section.start, section.end);
  });
  const result = replaced(text, own, first, whole.join(''));
  return verified(result, file, { ...before, [key]: { ...tableAt(before, key), [name]: entry } });
}

/** Takes the table out, those below it too, and the blank line before it. */
export function removeTable(text: string, file: string, key: string, name: string): string {
  const before = parseToml(text, file);
  const { [name]: gone, ...others } = tableAt(before, key);
  if (gone === undefined) return text;
  const result = sectionsOf(text, key, name).reduceRight((all, { start, end }) => {
    const head = all.slice(0, start);
    return head.replace(/(^|\n)[ \t]*\r?\n$/, '$1') + all.slice(end);
  }, text);
  const { [key]: _, ...rest } = before;
  // `[key]` itself may be written out, and is left then.
  const keeps = Object.keys(others).length > 0 || Object.hasOwn(parseToml(result, file), key);
  return verified(result, file, keeps ? { ...rest, [key]: others } : rest);
}

/** The table as it is written into a file, and printed. */
export function tableText(key: string, name: string, entry: Table): string {
  return `${stringify({ [key]: { [name]: entry } }).trimEnd()}\n`;
}

function replaced(text: string, own: readonly Section[], first: Section, table: string): string {
  return own.reduceRight((all, section, index) => {
    const start = section.start - gapBefore(text, own, index).length;
    return all.slice(0, start) + (section === first ? table : '') + all.slice(section.end);
  }, text);
}

/** The blank lines between a section and the one before it, where nothing of others stands between them. */
function gapBefore(text: string, own: readonly Section[], index: number): string {
  const previous = own[index - 1];
  const gap = previous === undefined ? '' : text.slice(previous.end, own[index]?.start);
  return gap.trim() === '' ? gap : '';
}

function sectionsOf(text: string, key: string, name: string): Section[] {
  return sections(text).filter(({ path }) => path[0] === key && path[1] === name);
}

function tableAt(root: Table, key: string): Table {
  const value = root[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function verified(result: string, file: string, wanted: Table): string {
  let parsed: Table | null = null;
  try {
    parsed = parseToml(result, file);
  } catch {
    // It is said below, in terms of what was there before.
  }
  if (parsed !== null && isDeepStrictEqual(plain(parsed), plain(wanted))) return result;
  throw new SupervisorError(
    'files.unusable',
    `${file} writes its servers in a way that cannot be changed without disturbing it, such as one inline table`,
    'It was left as it is. Edit it by hand; without --write the entries are printed.',
  );
}

/** Without prototypes and classes, which differ by where a value comes from. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item)));
}

function ended(text: string, eol: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
}
