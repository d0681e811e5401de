import { readLast } from '../logs/query.ts';
import type { Generation, ServerName } from '../model.ts';

const LOOK_BACK_LINES = 100;
const QUOTED_LINES = 3;
const QUOTED_CHARS = 400;

/** The last lines that a child wrote to stderr, in one; as redacted as its log is. */
export async function lastWords(
  file: string,
  server: ServerName,
  generation: Generation,
  since: Date,
): Promise<string> {
  const records = await readLast([{ server, path: file }], { lines: LOOK_BACK_LINES, since });
  return records
    .filter((record) => record.generation === generation && record.stream === 'stderr')
    .map(({ line }) => line.trim())
    .filter((line) => line !== '')
    .slice(-QUOTED_LINES)
    .join(' | ')
    .slice(-QUOTED_CHARS);
}
