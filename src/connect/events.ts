import type { IncomingMessage } from 'node:http';
import { LineSplitter } from '../runner/line-splitter.ts';
import { Cut } from './wire.ts';

/** One server-sent event. */
export interface ServerEvent {
  /** What to resume from after this one. */
  readonly id: string | null;
  /** A message; null where the event only tells the id. */
  readonly data: Buffer | null;
}

/** More than any message that a runner lets through. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
/** The gateway says something every 15 s: after so much silence it hangs, or is gone. */
const SILENCE_MS = 60_000;
const SPACE = 0x20;

/**
 * The events of a response, as bytes: a message is not decoded on its way. Throws `Cut` where the
 * stream breaks off. `paused`: while we are the ones who do not read, silence means nothing.
 */
export async function* eventsOf(
  response: IncomingMessage,
  paused: () => boolean,
): AsyncGenerator<ServerEvent> {
  const events: ServerEvent[] = [];
  const splitter = lineReader((event) => events.push(event));
  const watchdog: NodeJS.Timeout = setTimeout(() => {
    if (paused()) watchdog.refresh();
    else response.destroy(new Error(`silent for ${SILENCE_MS / 1000} s`));
  }, SILENCE_MS);
  try {
    for await (const chunk of response) {
      watchdog.refresh();
      splitter.push(chunk as Buffer);
      yield* events.splice(0);
    }
  } catch (error) {
    throw new Cut(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(watchdog);
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html, as far as MCP uses it. */
function lineReader(onEvent: (event: ServerEvent) => void): LineSplitter {
  let id: string | null = null;
  let data: Buffer[] = [];
  const onLine = (line: Buffer) => {
    if (line.length === 0) {
      if (id !== null || data.length > 0) onEvent({ id, data: joined(data) });
      id = null;
      data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === -1) return;
    const value = line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1);
    const field = line.toString('latin1', 0, colon);
    if (field === 'data') data.push(value);
    else if (field === 'id') id = value.toString();
  };
  return new LineSplitter({ onLine, onOversize: () => {} }, MAX_LINE_BYTES);
}

/** Lines of data are lines of one message, in which a line break is white space. */
function joined(lines: readonly Buffer[]): Buffer | null {
  const [first, ...more] = lines;
  if (first === undefined) return null;
  const data = more.length === 0 ? first : Buffer.concat(lines.flatMap((line) => [line, Buffer.from(' ')]));
  return data.length === 0 ? null : data;
}
