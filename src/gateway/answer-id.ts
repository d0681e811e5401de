/**
 * The id of a child's answer, read without parsing the answer: results can be many MiB. Servers
 * write it before the result or at the very end, and only there is it at the top level for certain.
 * Ours are ASCII without quotes and escapes; any other is not read from bytes.
 */
const HEAD = /^\{"jsonrpc":"2\.0","id":"([ !#-[\]-~]+)","(result|error)":/;
/** Each of the other orders: how the line begins, and how it then ends. */
const TAILS = [
  { begin: /^\{"(result|error)":/, end: /,"jsonrpc":"2\.0","id":"([ !#-[\]-~]+)"\}$/ },
  { begin: /^\{"jsonrpc":"2\.0","(result|error)":/, end: /,"id":"([ !#-[\]-~]+)"\}$/ },
];
const EDGE_BYTES = 512;

export interface AnswerId {
  readonly id: string;
  /** Where the quoted id stands in the line, in bytes. */
  readonly start: number;
  readonly end: number;
  /** It is an error. */
  readonly failed: boolean;
}

/** Null for everything else, also for an answer that is written differently: parse that one. */
export function answerId(line: Buffer): AnswerId | null {
  const head = line.toString('latin1', 0, EDGE_BYTES);
  const first = HEAD.exec(head);
  if (first !== null) return found(first, 0, first[2]);
  for (const { begin, end } of TAILS) {
    const kind = begin.exec(head)?.[1];
    if (kind === undefined) continue;
    const from = Math.max(0, line.length - EDGE_BYTES);
    const last = end.exec(line.toString('latin1', from));
    return last === null ? null : found(last, from, kind);
  }
  return null;
}

function found(match: RegExpExecArray, offset: number, kind: string | undefined): AnswerId {
  const [whole, id = ''] = match;
  const start = offset + match.index + whole.indexOf('"id":') + '"id":'.length;
  return { id, start, end: start + id.length + 2, failed: kind === 'error' };
}
