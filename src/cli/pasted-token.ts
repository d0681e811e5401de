import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { unquoted } from '../config/unquoted.ts';
import { SupervisorError } from '../errors.ts';

export interface PastedToken {
  /** The variable that the line set which was pasted; null: it was the token alone. */
  readonly variable: string | null;
  readonly value: string;
}

/** Where a token is put that comes without a name. */
export const DEFAULT_VARIABLE = 'SENTRY_AUTH_TOKEN';

/** All the headers of a request have to fit into this much, as Node's own server has it. */
const MAX_BYTES = 16 * 1024;

/** As a shell sets a variable: sh, PowerShell, cmd. */
const SETS = /^(?:export\s+|\$env:|set\s+)/i;
const LINE = /^(?<name>[A-Za-z_]\w*)\s*=(?!=)(?<rest>.*)$/;
/** As variables are named. The first part of a token with a = in it looks like a name, too. */
const LOUD = /^[A-Z][A-Z0-9_]*$/;

/** The token on stdin, which is read no further than a token can be long. */
export async function readPastedToken(
  stdin: Readable,
  variable: string | undefined,
  signal: AbortSignal,
): Promise<PastedToken> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of addAbortSignal(signal, stdin)) {
    const read = Buffer.from(chunk);
    chunks.push(read);
    bytes += read.length;
    if (bytes > MAX_BYTES) throw noToken(`There are more than ${MAX_BYTES / 1024} KiB on stdin`);
  }
  return parsePastedToken(Buffer.concat(chunks).toString(), variable);
}

/**
 * The token in what was pasted: by itself, or in its line of an env file, with or without quotes. `variable`
 * is where it is expected. The errors quote nothing of it.
 */
export function parsePastedToken(text: string, variable: string | undefined): PastedToken {
  const pasted = unquoted(text);
  if (/[\r\n]/.test(pasted)) throw noToken('There is more than one line on stdin');
  const isSet = SETS.test(pasted);
  const line = isSet ? unquoted(pasted.replace(SETS, '').replace(/;$/, '')) : pasted;
  const { name, rest = '' } = LINE.exec(line)?.groups ?? {};
  // In another spelling it is not read from an env file either, which whoever asks is told.
  const isMeant = name?.toUpperCase() === (variable ?? DEFAULT_VARIABLE).toUpperCase();
  const isLine = name !== undefined && (isSet || isMeant || LOUD.test(name));
  const value = isLine ? unquoted(rest) : pasted;
  if (value === '') throw noToken('There is no token on stdin');
  if (/\s/.test(value)) throw noToken('What is on stdin has a space in it');
  return { variable: isLine ? name : null, value };
}

function noToken(problem: string): SupervisorError {
  const hint =
    'Pipe in the token alone, or its line of an env file: mcp-supervisor check --token-from-stdin < file';
  return new SupervisorError('usage.invalid', problem, hint);
}
