import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Warning } from '../../src/model.ts';
import { REPO } from './cli.ts';
import { until } from './until.ts';

/** A way to answer a POST: see `fixtures/receiver.mjs`. */
export type ReceiverAnswer =
  | number
  | 'hang'
  | 'drop'
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** What was posted, and how it was answered. */
export interface Posted {
  readonly path: string;
  readonly status: number | 'hang' | 'drop';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Warning & { readonly event: string; readonly project: string; readonly text: string };
}

export interface Receiver extends AsyncDisposable {
  /** http://127.0.0.1:port */
  readonly origin: string;
  readonly posts: readonly Posted[];
  /** How the next POSTs are answered; the last one counts on. */
  answer(...answers: readonly ReceiverAnswer[]): Promise<void>;
  /** Resolves when `posts` has all that it has answered until now. */
  caughtUp(): Promise<void>;
  /** What it has taken: `raised my.code` and the like. */
  taken(): readonly string[];
}

/** Starts what is behind a webhook, a process that ends with its stdin. */
export async function startReceiver(...answers: readonly ReceiverAnswer[]): Promise<Receiver> {
  const script = `${REPO}/test/fixtures/receiver.mjs`;
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const posts: Posted[] = [];
  let sent = 0;
  let read = 0;
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => {
    const printed = JSON.parse(line) as Posted | { read: number };
    if ('read' in printed) read = printed.read;
    else posts.push(printed);
  });
  const { port } = JSON.parse(first) as { port: number };
  const tell = async (answers: readonly ReceiverAnswer[] | null) => {
    const line = ++sent;
    child.stdin.write(`${JSON.stringify(answers)}\n`);
    await until('the receiver has read what it was told', () => read >= line);
  };
  const receiver: Receiver = {
    origin: `http://127.0.0.1:${port}`,
    posts,
    answer: (...next) => tell(next),
    caughtUp: () => tell(null),
    taken: () =>
      posts
        .filter(({ status }) => typeof status === 'number' && status < 300)
        .map(({ body }) => `${body.event} ${body.code}`),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await once(child, 'close');
    },
  };
  if (answers.length > 0) await receiver.answer(...answers);
  return receiver;
}
