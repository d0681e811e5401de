import { createServer } from 'node:net';
import { Channel } from '../../src/runner/channel.ts';
import type { FromRunner, ToRunner } from '../../src/runner/protocol.ts';
import { program, type RunnerBench } from './runner.ts';

export interface Sluggish {
  /** Paused: resume it to read. */
  readonly channel: Channel<FromRunner, ToRunner>;
  /** The process id of the child. */
  readonly child: number;
  /** It dies, whatever it has not read. */
  die(): Promise<void>;
}

/** A supervisor that has a runner start a program, and then reads nothing until it is told to. */
export function startSluggish(
  bench: RunnerBench,
  script: string,
  onRpc: (line: Buffer) => void,
): Promise<Sluggish> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      let received = 0;
      const confirm = () => {
        channel.sendControl({ kind: 'received', count: received });
        received = 0;
      };
      const channel: Channel<FromRunner, ToRunner> = new Channel(socket, {
        onControl: (message) => {
          if (message.kind === 'hello') channel.sendControl(bench.order(program(script)));
          if (message.kind !== 'started') return;
          channel.pause();
          const die = () =>
            new Promise<void>((closed) => {
              channel.destroy();
              server.close(() => closed());
            });
          resolve({ channel, child: message.pid, die });
        },
        onRpc: (line) => {
          if (received === 0) setImmediate(confirm);
          received += 1;
          onRpc(line);
        },
        onClose: () => server.close(),
      });
    });
    server.listen(bench.socketPath, () => bench.start());
  });
}
