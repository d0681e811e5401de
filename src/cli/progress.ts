import type { CliContext } from './context.ts';

/** What takes less is not worth a line. */
const QUIET_MS = 500;
const TICK_MS = 1_000;
const ERASE = '\r\u001b[K';

/** What a command waits for: one line at the bottom of a terminal, which goes again. Nothing where stderr is none. */
export interface Progress {
  /** Says something else from now on. */
  about(what: string): void;
  /** Writes to stderr, above the line. */
  write(text: string): void;
}

/** Shows what is waited for, once it has taken half a second, until `work` is settled. */
export async function withProgress<T>(
  { err, env }: CliContext,
  what: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!err.isTty || env['TERM'] === 'dumb')
    return work({ about: () => {}, write: (text) => err.write(text) });
  const started = Date.now();
  let said = what;
  let shown = false;
  const draw = () => {
    const seconds = Math.floor((Date.now() - started) / 1000);
    const line = `${said} … ${seconds} s`;
    // A line that is wrapped could not be erased. A terminal that does not know its width says 0.
    err.write(`${ERASE}${line.slice(0, (err.columns || 80) - 1)}`);
    shown = true;
  };
  const erase = () => {
    if (shown) err.write(ERASE);
  };
  let timer = setTimeout(function tick() {
    draw();
    timer = setTimeout(tick, TICK_MS);
  }, QUIET_MS);
  try {
    return await work({
      about: (next) => {
        const isNew = next !== said;
        said = next;
        if (shown && isNew) draw();
      },
      write: (text) => {
        erase();
        err.write(text);
        if (shown) draw();
      },
    });
  } finally {
    clearTimeout(timer);
    erase();
  }
}
