const CONTEXT = 3;
/** Above this a table of all pairs of lines is too large, and the middle is shown as replaced whole. */
const MAX_CELLS = 4_000_000;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** A unified diff, as `diff -u` and git write it; '' where nothing differs. null stands for no file. */
export function unifiedDiff(name: string, before: string | null, after: string | null): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const head = [
    `--- ${before === null ? '/dev/null' : `a/${name}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${name}`}`,
  ];
  return `${[...head, ...hunks(lines)].join('\n')}\n`;
}

/** A last line without its line break is told from one that has it. */
function linesOf(text: string | null): string[] {
  if (text === null || text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop();
  return last === '' || last === undefined ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (texts: readonly string[]) => texts.map((text): Line => ({ sign: ' ', text }));
  const middle = changes(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...middle, ...same(before.slice(before.length - tail))];
}

/** By the longest common subsequence. */
function changes(a: readonly string[], b: readonly string[]): Line[] {
  const minus = a.map((text): Line => ({ sign: '-', text }));
  const plus = b.map((text): Line => ({ sign: '+', text }));
  if (a.length * b.length > MAX_CELLS) return [...minus, ...plus];
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] ?? '' });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(...minus.slice(i, ++i));
    else lines.push(...plus.slice(j, ++j));
  }
  return [...lines, ...minus.slice(i), ...plus.slice(j)];
}

function hunks(lines: readonly Line[]): string[] {
  const result: string[] = [];
  const count = (part: readonly Line[], sign: Line['sign']) =>
    part.filter((line) => line.sign !== sign).length;
  for (let from = 0; from < lines.length; ) {
    const first = lines.findIndex(({ sign }, index) => index >= from && sign !== ' ');
    if (first === -1) break;
    let last = first;
    for (let index = first; index < lines.length && index - last <= 2 * CONTEXT; index++) {
      if (lines[index]?.sign !== ' ') last = index;
    }
    const start = Math.max(from, first - CONTEXT);
    const end = Math.min(lines.length, last + CONTEXT + 1);
    const hunk = lines.slice(start, end);
    const range = (sign: Line['sign']) => {
      const length = count(hunk, sign);
      const above = count(lines.slice(0, start), sign);
      return `${length === 0 ? above : above + 1},${length}`;
    };
    result.push(`@@ -${range('+')} +${range('-')} @@`, ...hunk.map(({ sign, text }) => `${sign}${text}`));
    from = end;
  }
  return result;
}
