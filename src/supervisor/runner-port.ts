import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { Channel } from '../runner/channel.ts';
import { type FromRunner, isLasting, type ToRunner } from '../runner/protocol.ts';

/** Many messages are confirmed at once; those that are not yet come again after a kill, and are dropped then. */
const CONFIRM_MS = 20;

type Hello = Extract<FromRunner, { kind: 'hello' }>;
/** What a runner says after its hello. */
export type RunnerReport = Exclude<FromRunner, Hello>;

/** A runner that has said hello. */
export interface ConnectedRunner {
  readonly app: string;
  readonly pid: number;
  readonly child: Hello['child'];
  readonly memo: unknown;
  /** Messages to the child that it had taken before. */
  readonly taken: number;
  /** False when the runner does not read just now, so that the message waits behind others. */
  send(message: ToRunner): boolean;
  /** Null, or a promise that settles when the runner takes more. */
  sendRpc(line: Buffer): Promise<void> | null;
}

export interface RunnerPeer {
  onReport(report: RunnerReport): void;
  onRpc(line: Buffer): void;
  onClose(): void;
}

type Accept = (runner: ConnectedRunner) => RunnerPeer;

interface Waiting {
  readonly runner: ConnectedRunner;
  readonly attach: (peer: RunnerPeer) => void;
}

/** The socket that runners connect to, and connect to again after a restart of the supervisor. */
export class RunnerPort {
  readonly #path: string;
  readonly #expected = new Map<string, Accept>();
  /** Runners that nobody expects yet: those found by a restarted supervisor. */
  readonly #waiting = new Map<string, Waiting>();
  /** The connections, and how each is told what has arrived. */
  readonly #sockets = new Map<Socket, () => void>();
  #server: Server | null = null;
  #confirms = false;
  #onWaiting: () => void = () => {};

  constructor(path: string) {
    this.#path = path;
  }

  listen(): Promise<void> {
    if (process.platform !== 'win32') rmSync(this.#path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      // The folder is closed to others; the umask closes the socket too.
      const umask = process.umask(0o077);
      server.listen(this.#path, () => {
        process.umask(umask);
        resolve();
      });
    });
  }

  /**
   * From now on runners need not keep what has arrived. Not before the clients are there that wait for it:
   * should this process be killed until then, the next one must get it too.
   */
  confirmArrivals(): void {
    this.#confirms = true;
    for (const confirm of this.#sockets.values()) confirm();
  }

  /** From now on the runners of this app go to `accept`: each that pm2 starts, and the one that waits. */
  expect(app: string, accept: Accept): void {
    this.#expected.set(app, accept);
    const waiting = this.#waiting.get(app);
    this.#waiting.delete(app);
    waiting?.attach(accept(waiting.runner));
  }

  forget(app: string): void {
    this.#expected.delete(app);
  }

  /** The runners among `apps` that have said hello by then; returns early when all have. */
  async waitFor(apps: readonly string[], timeoutMs: number): Promise<Map<string, ConnectedRunner>> {
    const here = () => apps.filter((app) => this.#waiting.has(app));
    if (here().length < apps.length) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onWaiting = () => {
          if (here().length < apps.length) return;
          clearTimeout(timer);
          resolve();
        };
      });
      this.#onWaiting = () => {};
    }
    return new Map(here().map((app) => [app, (this.#waiting.get(app) as Waiting).runner]));
  }

  /** Lets go of the runners; their children go on. */
  async close(): Promise<void> {
    for (const [socket, confirm] of this.#sockets) {
      confirm();
      // After that has gone out, unless the runner does not read.
      if (socket.writableNeedDrain) socket.destroy();
      else socket.destroySoon();
    }
    await new Promise<void>((resolve) => {
      if (this.#server === null) resolve();
      else this.#server.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    let app: string | null = null;
    let peer: RunnerPeer | null = null;
    let unconfirmed = 0;
    const attach = (newPeer: RunnerPeer) => {
      peer = newPeer;
    };
    const confirm = () => {
      if (!this.#confirms) return;
      if (unconfirmed > 0) channel.sendControl({ kind: 'received', count: unconfirmed });
      unconfirmed = 0;
    };
    const received = () => {
      if (unconfirmed === 0) setTimeout(confirm, CONFIRM_MS);
      unconfirmed += 1;
    };
    const channel: Channel<FromRunner, ToRunner> = new Channel(socket, {
      onControl: (message) => {
        if (isLasting(message)) received();
        if (message.kind !== 'hello') {
          peer?.onReport(message);
          return;
        }
        app = message.app;
        this.#introduce(app, connected(message, channel), attach);
      },
      onRpc: (line) => {
        received();
        peer?.onRpc(line);
      },
      onClose: () => {
        this.#sockets.delete(socket);
        if (peer !== null) peer.onClose();
        else if (app !== null) this.#waiting.delete(app);
      },
    });
    this.#sockets.set(socket, confirm);
  }

  #introduce(app: string, runner: ConnectedRunner, attach: (peer: RunnerPeer) => void): void {
    const accept = this.#expected.get(app);
    if (accept !== undefined) {
      attach(accept(runner));
      return;
    }
    this.#waiting.set(app, { runner, attach });
    this.#onWaiting();
  }
}

function connected(hello: Hello, channel: Channel<FromRunner, ToRunner>): ConnectedRunner {
  return {
    app: hello.app,
    pid: hello.pid,
    child: hello.child,
    memo: hello.memo,
    taken: hello.taken,
    send: (message) => channel.sendControl(message),
    sendRpc: (line) => (channel.sendRpc(line) ? null : channel.drained()),
  };
}
