/** A line of a terminal, as it is in the end. */
export interface TerminalLine {
  readonly cells: readonly Cell[];
  /** When it was written to last, in ms. */
  readonly atMs: number;
}

interface Cell {
  readonly char: string;
  readonly style: string;
}

const STYLES: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
};
/** SGR codes that end others. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  0: Object.values(STYLES),
  22: ['bold', 'dim'],
  39: ['red', 'green', 'yellow', 'cyan'],
};
/** A control sequence that we print, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are made of them.
const TOKEN = /\u001b\[\??([\d;]*)([A-Za-z])|[\s\S]/gu;

/** As much of a terminal as the command line uses: colours, lines that are written anew, wrapping. */
export class Terminal {
  readonly #lines: { cells: Cell[]; atMs: number }[] = [];
  readonly #columns: number;
  #styles: string[] = [];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string, atMs: number): void {
    for (const [token, codes = '', command] of text.matchAll(TOKEN)) {
      if (command === 'm') for (const code of codes.split(';')) this.#style(code === '' ? '0' : code);
      else if (command === 'K') this.#line(atMs).splice(this.#column);
      else if (command === 'G') this.#column = Number(codes || 1) - 1;
      else if (command !== undefined)
        throw new Error(`an unknown control sequence: ${JSON.stringify(token)}`);
      else if (token === '\n') this.#row += 1;
      else if (token === '\r') this.#column = 0;
      else this.#put(token, atMs);
    }
  }

  /** All lines, without empty ones at the end. */
  get lines(): readonly TerminalLine[] {
    const last = this.#lines.findLastIndex(({ cells }) => cells.some(({ char }) => char !== ' '));
    return this.#lines.slice(0, last + 1);
  }

  #put(char: string, atMs: number): void {
    if (this.#column === this.#columns) [this.#row, this.#column] = [this.#row + 1, 0];
    this.#line(atMs)[this.#column] = { char, style: this.#styles.join(' ') };
    this.#column += 1;
  }

  #line(atMs: number): Cell[] {
    while (this.#lines.length <= this.#row) this.#lines.push({ cells: [], atMs });
    const line = this.#lines[this.#row];
    if (line === undefined) throw new Error('unreachable');
    line.atMs = atMs;
    return line.cells;
  }

  #style(code: string): void {
    const ended = ENDS[code] ?? [];
    this.#styles = this.#styles.filter((style) => !ended.includes(style));
    const style = STYLES[code];
    if (style !== undefined) this.#styles.push(style);
    else if (!(code in ENDS)) throw new Error(`an unknown colour: ${code}`);
  }
}

export const textOf = ({ cells }: TerminalLine): string => cells.map(({ char }) => char).join('');

const [CHAR, LINE, MARGIN, BAR] = [8.4, 20, 16, 32];

/**
 * The lines as an SVG with a window of its own around them, for pages of any colour. They appear one
 * after the other; what does not know animations, or does not want them, shows them all.
 */
export function terminalSvg(lines: readonly TerminalLine[], columns: number, title: string): string {
  const [width, height] = [Math.ceil(columns * CHAR + 2 * MARGIN), BAR + lines.length * LINE + MARGIN];
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${MARGIN + 6 + index * 20}" cy="17" r="5.5" fill="${fill}"/>`,
  );
  const rows = lines.map(({ cells, atMs }, row) => {
    const y = BAR + row * LINE + 15;
    return `<g style="animation-delay:${(atMs / 1000).toFixed(2)}s">${runs(cells, y)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#e6edf3;white-space:pre}
.bold{font-weight:700}.dim{fill:#9198a1}.red{fill:#ff7b72}.green{fill:#56d364}.yellow{fill:#e3b341}.cyan{fill:#79c0ff}
g{animation:appear 1ms both}
@keyframes appear{from{opacity:0}}
@media (prefers-reduced-motion:reduce){g{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#6e7681"/>
${dots.join('')}
${rows.filter((row) => row.includes('<text')).join('\n')}
</svg>
`;
}

/** The words of a line, each at its column whatever the font's width; single spaces part no words. */
function runs(cells: readonly Cell[], y: number): string {
  const found: { column: number; text: string; style: string }[] = [];
  for (const [column, { char, style }] of cells.entries()) {
    const run = found.at(-1);
    const next = cells[column + 1];
    const parts = char === ' ' && (run === undefined || run.text.endsWith(' ') || next?.char === ' ');
    if (run !== undefined && run.style === style && !parts && run.column + run.text.length === column)
      run.text += char;
    else if (char !== ' ') found.push({ column, text: char, style });
  }
  return found
    .map(({ column, text, style }) => {
      const [shown, kind] = [text.trimEnd(), style === '' ? '' : ` class="${style}"`];
      const x = (MARGIN + column * CHAR).toFixed(1);
      return `<text x="${x}" y="${y}" textLength="${(shown.length * CHAR).toFixed(1)}"${kind}>${escaped(shown)}</text>`;
    })
    .join('');
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
