/** The line of a .gitignore that names exactly this path below its folder; null: no line can. */
export function ignorePattern(relativePath: string): string | null {
  if (/[\r\n]/.test(relativePath)) return null;
  const escaped = relativePath
    .replace(/[\\*?[\]]/g, '\\$&')
    .replace(/^[#!]/, '\\$&')
    .replace(/ $/, '\\ ');
  // One with a slash inside is anchored anyway; a lone name may as well hold for the folders below.
  return escaped.replace(/\/$/, '').includes('/') ? `/${escaped}` : escaped;
}

/**
 * What to append to a .gitignore so that it ends with this line: a newline that its last line lacks, one
 * blank line after what others wrote, in the line ends that it has. `text` may be of any 8-bit encoding.
 */
export function ignoreAddition(text: string, pattern: string): string {
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  if (text === '') return `${pattern}${eol}`;
  const ends = /\n$/.test(text) ? '' : eol;
  const isBlankBefore = /(?:^|\n)[ \t]*\r?\n$/.test(text) || /^\s*$/.test(text);
  return `${ends}${isBlankBefore ? '' : eol}${pattern}${eol}`;
}
