export interface EnvTextCheck {
  /** Why the text looks unfinished, or null. Names lines, never values. */
  readonly problem: string | null;
  readonly ignoredLines: readonly number[];
}

const ASSIGNMENT = /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)\s*(?<quote>['"`])?(?<rest>.*)$/s;
const BLANK_OR_COMMENT = /^\s*(?:#.*)?$/;

/**
 * Holds an env file against what dotenv would silently make of it: dotenv skips what it does not
 * understand and takes an unterminated quote literally, which is how a half-written save looks.
 */
export function checkEnvText(text: string): EnvTextCheck {
  if (text.includes('\0')) return { problem: 'holds NUL bytes', ignoredLines: [] };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const ignored: number[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (BLANK_OR_COMMENT.test(line)) continue;
    const groups = ASSIGNMENT.exec(line)?.groups;
    if (groups === undefined) {
      // A finished file ends with a newline, and so with an empty last element.
      if (index === lines.length - 1) return { problem: `ends within line ${index + 1}`, ignoredLines: [] };
      ignored.push(index + 1);
      continue;
    }
    const { quote, rest = '' } = groups;
    if (quote === undefined || closes(rest, quote)) continue;
    const end = lines.findIndex((later, at) => at > index && closes(later, quote));
    if (end === -1) return { problem: `has a quote on line ${index + 1} that never ends`, ignoredLines: [] };
    index = end;
  }
  return { problem: null, ignoredLines: ignored };
}

/** Whether a quote that is not escaped ends in this text. */
function closes(text: string, quote: string): boolean {
  return text.replaceAll(`\\${quote}`, '').includes(quote);
}
