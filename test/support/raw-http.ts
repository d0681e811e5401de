import { connect, type Socket } from 'node:net';
import { HANG_MS } from './until.ts';

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Nothing of it is missing. */
  readonly complete: boolean;
}

/** What a client does once it has written its bytes. */
export type Ending =
  /** It waits for what it is owed. */
  | 'wait'
  /** It says that there will be no more. */
  | 'half-close'
  /** It is gone, without a goodbye. */
  | 'reset';

export interface Sent {
  readonly chunks: readonly Buffer[];
  readonly ending: Ending;
  /** How many final responses there must be; null: none need come, and the server closes the connection. */
  readonly responses: number | null;
}

/**
 * Writes bytes to a port and returns the responses that came back. Fails where they do not come, are no
 * HTTP, or where the server leaves the connection open although nothing more can come.
 */
export function rawHttp(port: number, { chunks, ending, responses }: Sent): Promise<RawResponse[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let received = Buffer.alloc(0);
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`${why}; what came: ${received.toString('latin1').slice(0, 2_000)}`));
    };
    const hang = setTimeout(() => fail(`no end after ${HANG_MS} ms`), HANG_MS);
    const enough = () => {
      const final = parseResponses(received).filter(({ status }) => status >= 200);
      return responses !== null && final.length >= responses && final.every(({ complete }) => complete);
    };
    const guarded = (look: () => void) => {
      try {
        look();
      } catch (error) {
        fail(String(error));
      }
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      guarded(() => enough() && socket.destroy());
    });
    socket.once('end', () => socket.end());
    // Also a reset, where the server has refused what the client was still sending.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(hang);
      guarded(() => {
        if (responses === null || enough())
          resolve(parseResponses(received).filter(({ status }) => status >= 200));
        else fail(`fewer than ${responses} responses`);
      });
    });
    socket.once('connect', () => write(socket, chunks, ending));
  });
}

function write(socket: Socket, chunks: readonly Buffer[], ending: Ending): void {
  for (const chunk of chunks) socket.write(chunk);
  if (ending === 'half-close') socket.end();
  // Once the kernel has them, so that the server sees them.
  if (ending === 'reset') socket.write('', () => socket.resetAndDestroy());
}

/** Throws where it is no HTTP. */
function parseResponses(received: Buffer): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = received;
  while (rest.length > 0) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.toString('latin1', 0, headEnd === -1 ? 1_000 : headEnd).split('\r\n');
    if (!'HTTP/1.1 '.startsWith(first.slice(0, 9)))
      throw new Error(`this is no HTTP: ${first.slice(0, 200)}`);
    if (headEnd === -1) return responses;
    const status = Number(first.slice(9, 12));
    const headers = Object.fromEntries(
      lines.map((line) => [nameOf(line), line.slice(line.indexOf(': ') + 2)]),
    );
    const { length, ...body } = readBody(status, headers, rest.subarray(headEnd + 4));
    responses.push({ status, headers, ...body });
    rest = rest.subarray(headEnd + 4 + length);
  }
  return responses;
}

const nameOf = (line: string) => line.split(':')[0]?.toLowerCase() ?? '';

interface ReadBody {
  readonly body: string;
  readonly length: number;
  readonly complete: boolean;
}

function readBody(status: number, headers: Record<string, string>, rest: Buffer): ReadBody {
  // An interim response, as after `Expect: 100-continue`: the final one follows.
  if (status < 200) return { body: '', length: 0, complete: true };
  // It goes on for as long as the server pleases; where it has ended, more responses may follow.
  if (headers['content-type'] === 'text/event-stream') {
    const stream = readChunks(rest);
    return stream.complete ? stream : { body: '', length: rest.length, complete: true };
  }
  if (headers['transfer-encoding'] === 'chunked') return readChunks(rest);
  const declared = headers['content-length'];
  const length = declared === undefined ? rest.length : Math.min(Number(declared), rest.length);
  const complete = declared === undefined || length === Number(declared);
  return { body: rest.toString('utf8', 0, length), length, complete };
}

function readChunks(rest: Buffer): ReadBody {
  const chunks: Buffer[] = [];
  const body = () => Buffer.concat(chunks).toString();
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return { body: body(), length: rest.length, complete: false };
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
    if (size === 0) return { body: body(), length: at, complete: true };
  }
}
