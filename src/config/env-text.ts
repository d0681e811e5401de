export interface EnvTextCheck {
  /** Why the text looks unfinished, or null. Names lines, never values. */
  readonly problem: string | null;
  readonly ignoredLines: readonly number[];
}

const BLANK_OR_COMMENT = /^\s*(?:#.*)?$/;
const ASSIGNMENT = /^\s*(?:export\s+)?[\w.-]+(?:\s*=|:\s)\s*(?<value>[\s\S]*)$/;
/** What dotenv takes for a quoted value: up to a quote that ends its line, or has a comment after it. */
const QUOTED = /(['"`])(?:\\\1|(?!\1)[\s\S])*\1[^\S\n]*(?:#.*)?$/my;

/**
 * Holds an env file against what dotenv would silently make of it: dotenv skips what it does not
 * understand and takes an unterminated quote literally, which is how a half-written save looks.
 */
export function checkEnvText(raw: string): EnvTextCheck {
  if (raw.includes('\0')) return unfinished('holds NUL bytes');
  const text = raw.replace(/\r\n?/g, '\n');
  const ignoredLines: number[] = [];
  let start = 0;
  for (let number = 1; start <= text.length; number++) {
    let end = endOfLine(text, start);
    const line = text.slice(start, end);
    const value = ASSIGNMENT.exec(line)?.groups?.['value'];
    if (value !== undefined) {
      const endOfAll = endOfValue(text, end - value.length, end);
      if (endOfAll === null) return unfinished(`has a quote on line ${number} that never ends`);
      number += text.slice(end, endOfAll).split('\n').length - 1;
      end = endOfAll;
    } else if (!BLANK_OR_COMMENT.test(line)) {
      // A finished file ends with a newline.
      if (end === text.length) return unfinished(`ends within line ${number}`);
      ignoredLines.push(number);
    }
    start = end + 1;
  }
  return { problem: null, ignoredLines };
}

function unfinished(problem: string): EnvTextCheck {
  return { problem, ignoredLines: [] };
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

/** Where the value ends that begins at `start` of a line up to `end`; null where its quote does not end. */
function endOfValue(text: string, start: number, end: number): number | null {
  const quote = /^['"`]/.exec(text.slice(start, start + 1))?.[0];
  if (quote === undefined) return end;
  QUOTED.lastIndex = start;
  if (QUOTED.test(text)) return QUOTED.lastIndex;
  // It ends, and more follows: dotenv takes the line as it is.
  return text.slice(start + 1, end).includes(quote) ? end : null;
}
