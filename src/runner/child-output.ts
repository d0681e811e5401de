import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ChildLog } from './child-log.ts';
import { GluedAnswer } from './glued-answer.ts';
import { isJsonRpc } from './is-json-rpc.ts';
import { LineSplitter } from './line-splitter.ts';
import { Valve } from './valve.ts';

type OutputStream = 'stdout' | 'stderr';

export interface OutputEvents {
  /** A message for the supervisor. A promise holds the child's stdout back until it settles. */
  onRpc(line: Buffer): Promise<void> | null;
  /** Once: the child wrote something to stdout that is no message; the rest of it is in the log. */
  onNoise(sample: string): void;
  onOversize(stream: OutputStream, bytes: number, edges: Buffer): void;
}

export interface ChildOutput {
  /** The child has ended: takes what it left without a newline. */
  end(): void;
}

/** Splits a child's output into JSON-RPC messages and log lines, no faster than they are taken. */
export function readOutput(
  child: ChildProcessWithoutNullStreams,
  log: ChildLog,
  maxLineBytes: number,
  events: OutputEvents,
): ChildOutput {
  const valves = { stdout: new Valve(child.stdout), stderr: new Valve(child.stderr) };
  let noisy = false;

  const toLog = (line: Buffer, stream: OutputStream) => {
    if (log.write(line, stream)) return;
    const drained = log.drained();
    valves.stdout.holdUntil(drained);
    valves.stderr.holdUntil(drained);
  };
  const toSupervisor = (message: Buffer) => {
    const taken = events.onRpc(message);
    if (taken !== null) valves.stdout.holdUntil(taken);
  };
  const glued = new GluedAnswer(toSupervisor);
  const fromStdout = (line: Buffer) => {
    if (isJsonRpc(line)) {
      glued.before(line);
      toSupervisor(line);
      return;
    }
    if (!noisy && line.length > 0) events.onNoise(log.sample(line));
    noisy ||= line.length > 0;
    toLog(line, 'stdout');
    glued.seek(line);
  };
  const splitter = (stream: OutputStream, onLine: (line: Buffer) => void) =>
    new LineSplitter(
      { onLine, onOversize: (bytes, edges) => events.onOversize(stream, bytes, edges) },
      maxLineBytes,
    );

  const stdout = splitter('stdout', fromStdout);
  const stderr = splitter('stderr', (line) => toLog(line, 'stderr'));
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return {
    end: () => {
      stdout.end();
      stderr.end();
      glued.release();
    },
  };
}
