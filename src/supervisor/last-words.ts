import { readLast } from '../logs/query.ts';
import type { Generation, ServerName } from '../model.ts';

/** Other generations of the server write to the same file, the children of several sessions all the time. */
const LOOK_BACK_LINES = 1_000;
const QUOTED_LINES = 3;
const QUOTED_CHARS = 400;
/** What Node prints after an uncaught error: a stack, brackets, its version. Three such lines say nothing. */
const CLUTTER = /^(?:at .+[):\d](?: \{)?|\^+|[{}\]]+|requireStack: .*|Node\.js v[\d.]+)$/;
/** `TypeError: …`, `Error [ERR_X]: …`, `ModuleNotFoundError: …`. */
const NAMES_ERROR = /^(?:Uncaught )?[\w.]*(?:Error|Exception)\b[^:]*: /;

/** The last lines that a child wrote to stderr, in one; as redacted as its log is. */
export async function lastWords(
  file: string,
  server: ServerName,
  generation: Generation,
  since: Date,
): Promise<string> {
  const records = await readLast([{ server, path: file }], { lines: LOOK_BACK_LINES, since });
  const lines = records
    .filter((record) => record.generation === generation && record.stream === 'stderr')
    .map(({ line }) => line.trim())
    .filter((line) => line !== '');
  return quote(lines);
}

/** What a child died of: the uncaught error where its output ends with one, else the last lines. */
export function quote(lines: readonly string[]): string {
  const telling = lines.filter((line) => !CLUTTER.test(line));
  const error = telling.findLastIndex((line) => NAMES_ERROR.test(line));
  const isUncaught = error !== -1 && CLUTTER.test(lines.at(-1) ?? '');
  return isUncaught
    ? telling
        .slice(error, error + QUOTED_LINES)
        .join(' | ')
        .slice(0, QUOTED_CHARS)
    : telling.slice(-QUOTED_LINES).join(' | ').slice(-QUOTED_CHARS);
}
