import type { Generation, Launch, ServerName, StopLadder } from '../model.ts';

/** What a runner needs to start and keep one child. Holds secrets: sent over the 0600 socket only. */
export interface StartOrder {
  readonly kind: 'start';
  readonly server: ServerName;
  readonly generation: Generation;
  readonly launch: Launch;
  readonly stop: StopLadder;
  readonly log: { readonly file: string; readonly maxBytes: number; readonly keep: number };
  /** Values that no log line may show. */
  readonly secrets: readonly string[];
  /** Where the child's process group is written down, for whoever must sweep it after a `kill -9`. */
  readonly groupFile: string;
  /** A longer line is no message: it is dropped, and reported. */
  readonly maxLineBytes: number;
}

export type ToRunner =
  | StartOrder
  /** The runner's child is one we know: it may send what it held back. */
  | { readonly kind: 'welcome' }
  /** So many more of the child's messages and lasting reports have arrived. */
  | { readonly kind: 'received'; readonly count: number }
  /** End the child, then answer `stopped`; the runner itself is ended through pm2. */
  | { readonly kind: 'stop' }
  /** Kept by the runner for the next supervisor, so that no secret needs a file. */
  | { readonly kind: 'memo'; readonly memo: unknown }
  /** Answered by `flushed`, once every line so far is in the log file. */
  | { readonly kind: 'flush'; readonly token: number }
  | { readonly kind: 'secrets'; readonly secrets: readonly string[] };

export type FromRunner =
  | {
      readonly kind: 'hello';
      readonly app: string;
      readonly pid: number;
      readonly child: { readonly pid: number; readonly startedAt: number } | null;
      readonly memo: unknown;
      /** How many messages to the child have come so far. */
      readonly taken: number;
    }
  | { readonly kind: 'started'; readonly pid: number; readonly startedAt: number }
  /** The child never ran: command or cwd not found, not executable, … */
  | { readonly kind: 'spawn-failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  /** New lines are in the log file. */
  | { readonly kind: 'logged' }
  | LastingReport
  | { readonly kind: 'flushed'; readonly token: number };

/** What is told once, and so must reach the next supervisor if this one is away. */
export type LastingReport =
  /** The first line on stdout that was no JSON-RPC message; redacted and shortened. */
  | { readonly kind: 'noise'; readonly sample: string }
  | {
      readonly kind: 'oversize';
      readonly stream: 'stdout' | 'stderr';
      readonly bytes: number;
      /** The line's first and last bytes, in latin1: they may say whose answer it was. */
      readonly edges: string;
    }
  | { readonly kind: 'log-failed'; readonly message: string };

export function isLasting(message: FromRunner): message is LastingReport {
  return message.kind === 'noise' || message.kind === 'oversize' || message.kind === 'log-failed';
}
