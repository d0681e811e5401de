const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const PREFIX = Buffer.from('{"jsonrpc":"2.0",');
const MEMBER = Buffer.from('"jsonrpc"');
/** How the SDKs end a response. Unescaped quotes and the one closing brace put it at the top level. */
const SUFFIX = /,"jsonrpc":"2\.0","id":(?:-?\d+|"[^"\\]*")\}$/;
const SUFFIX_BYTES = 96;

/**
 * Whether a line of a child's stdout is a JSON-RPC 2.0 message (or a batch of them).
 * Anything else is log, also valid JSON: versions 0.29–0.31 of the Sentry server print such.
 *
 * A line that looks finished and has the member where the SDKs put it is taken unparsed: a result
 * can be many MiB, and its receiver parses it anyway.
 */
export function isJsonRpc(line: Buffer): boolean {
  const first = line[0];
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return isIndented(line) && isJsonRpc(trimmed(line));
  if (line.at(-1) === CLOSE_BRACE && first === OPEN_BRACE) {
    if (line.subarray(0, PREFIX.length).equals(PREFIX)) return true;
    if (SUFFIX.test(line.subarray(-SUFFIX_BYTES).toString('latin1'))) return true;
  }
  return line.includes(MEMBER) && parsesAsJsonRpc(line);
}

function isIndented(line: Buffer): boolean {
  return line[0] === 0x20 || line[0] === 0x09;
}

function trimmed(line: Buffer): Buffer {
  return Buffer.from(line.toString().trim());
}

function parsesAsJsonRpc(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString());
    return Array.isArray(value) ? value.length > 0 && value.every(hasVersion) : hasVersion(value);
  } catch {
    // Not JSON is an answer here, not a failure.
    return false;
  }
}

function hasVersion(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value && value.jsonrpc === '2.0';
}
