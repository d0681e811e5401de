/** Figures for people. */

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);

export function print(line = '') {
  process.stdout.write(`${line}\n`);
}

/** `412 ms (398–455)`: the median, and the range. */
export function spread(values, unit = 'ms') {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.round);
  return `${Math.round(median(values))} ${unit} (${low}–${high})`;
}

/** A markdown table; the first row is the head. */
export function table([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  for (const row of [line(head), line(head.map(() => '---')), ...rows.map(line)]) print(row);
}

export function verdict(ok) {
  return ok ? 'met' : 'MISSED';
}

/** `node x.mjs --rounds 7` */
export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? fallback : Number(process.argv[at + 1]);
}
