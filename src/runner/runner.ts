import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Channel } from './channel.ts';
import { Child, type ChildExit, exitCodeOf } from './child.ts';
import { ChildLog } from './child-log.ts';
import { type ChildOutput, readOutput } from './child-output.ts';
import { drained } from './drained.ts';
import { Outbox } from './outbox.ts';
import { recordGroup, signalGroup, sweepGroup } from './process-group.ts';
import {
  type FromRunner,
  isLasting,
  type LastingReport,
  type StartOrder,
  type ToRunner,
} from './protocol.ts';

const RECONNECT_MS = 50;
const OUTBOX_BYTES = 64 * 1024 * 1024;
/** sysexits.h EX_UNAVAILABLE: the child could not be spawned at all. */
const EXIT_SPAWN_FAILED = 69;

export interface RunnerOptions {
  /** The supervisor's runner socket. */
  readonly socketPath: string;
  /** The pm2 app that this process is, `<server>@<generation>`. */
  readonly app: string;
  readonly exit: (code: number) => void;
}

interface Running {
  readonly order: StartOrder;
  readonly child: Child;
  readonly log: ChildLog;
  readonly output: ChildOutput;
  readonly startedAt: number;
}

/**
 * Holds one child's stdio for as long as it lives, whatever becomes of the supervisor.
 * It gets its order over the socket, and ends with the child's own exit code so that pm2 restarts it.
 */
export class Runner {
  readonly #options: RunnerOptions;
  #channel: Channel<ToRunner, FromRunner> | null = null;
  /** The supervisor has recognised this runner: messages may flow. */
  #welcomed = false;
  #starting: Promise<void> | null = null;
  #running: Running | null = null;
  #stopping: Promise<void> | null = null;
  /** Pending while the child does not read as fast as it is written to. */
  #stdinDrained: Promise<void> | null = null;
  #memo: unknown = null;
  /** How many messages to the child have come: what was sent to us and is not among them was lost. */
  #taken = 0;
  /** Messages of the child, and reports about it, that no supervisor is known to have. */
  readonly #outbox = new Outbox<LastingReport>(OUTBOX_BYTES);

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Connects, and connects again whenever the supervisor comes back, until the process exits. */
  async run(): Promise<never> {
    for (;;) {
      await this.#connection();
      await sleep(RECONNECT_MS);
    }
  }

  /** Walks the child down the stop ladder, then exits. */
  async end(): Promise<void> {
    await this.#stop();
    await this.#channel?.end();
    this.#options.exit(0);
  }

  /** For a runner that is itself failing: leaves no child behind, and waits for nothing. */
  abandon(): void {
    if (this.#running !== null) signalGroup(this.#running.child.pid, 'SIGKILL');
  }

  #connection(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#options.socketPath);
      this.#channel = new Channel(socket, {
        onControl: (message) => this.#obey(message),
        onRpc: (line) => {
          this.#taken += 1;
          this.#toChild(line);
        },
        // Also when nobody listened, as while the supervisor restarts.
        onClose: () => {
          this.#channel = null;
          this.#welcomed = false;
          resolve();
        },
      });
      socket.once('connect', () => this.#sayHello());
    });
  }

  #sayHello(): void {
    const running = this.#running;
    this.#channel?.sendControl({
      kind: 'hello',
      app: this.#options.app,
      pid: process.pid,
      child: running && { pid: running.child.pid, startedAt: running.startedAt },
      memo: this.#memo,
      taken: this.#taken,
    });
  }

  #obey(message: ToRunner): void {
    switch (message.kind) {
      case 'start':
        this.#welcome();
        this.#starting ??= this.#start(message);
        return;
      case 'welcome':
        this.#welcome();
        return;
      case 'received':
        this.#outbox.confirm(message.count);
        return;
      case 'stop':
        void this.#stop().then(() => this.#tell({ kind: 'stopped' }));
        return;
      case 'memo':
        this.#memo = message.memo;
        return;
      case 'secrets':
        this.#running?.log.hide(message.secrets);
        return;
      case 'flush':
        void this.#flush(message.token);
        return;
    }
  }

  async #flush(token: number): Promise<void> {
    await this.#running?.log.flush();
    this.#tell({ kind: 'flushed', token });
  }

  #welcome(): void {
    if (this.#welcomed) return;
    this.#welcomed = true;
    for (const item of this.#outbox.items) {
      if (Buffer.isBuffer(item)) this.#channel?.sendRpc(item);
      else this.#channel?.sendControl(item);
    }
  }

  async #start(order: StartOrder): Promise<void> {
    await sweepGroup(order.groupFile, order.stop.termMs);
    const child = await Child.spawn(order.launch);
    if (!(child instanceof Child)) {
      this.#tell({ kind: 'spawn-failed', ...child });
      await this.#leave(EXIT_SPAWN_FAILED);
      return;
    }
    const log = new ChildLog(order, {
      onLogged: () => this.#tell({ kind: 'logged' }),
      onFailure: (message) => this.#tell({ kind: 'log-failed', message }),
    });
    const output = readOutput(child.process, log, order.maxLineBytes, {
      onRpc: (line) => this.#toSupervisor(line),
      onNoise: (sample) => this.#tell({ kind: 'noise', sample }),
      onOversize: (stream, bytes, edges) =>
        this.#tell({ kind: 'oversize', stream, bytes, edges: edges.toString('latin1') }),
    });
    const running = { order, child, log, output, startedAt: Date.now() };
    this.#running = running;
    recordGroup(order.groupFile, child.pid);
    this.#tell({ kind: 'started', pid: child.pid, startedAt: running.startedAt });
    void child.exited.then((exit) => this.#mourn(exit));
  }

  #stop(): Promise<void> {
    this.#stopping ??= (async () => {
      // A child that is just being spawned is stopped too.
      await this.#starting;
      if (this.#running === null) return;
      await this.#running.child.stop(this.#running.order.stop);
      await this.#finish(this.#running);
    })();
    return this.#stopping;
  }

  /** The child ended by itself: what it left of its group goes, its last words are kept, its code is ours. */
  async #mourn(exit: ChildExit): Promise<void> {
    if (this.#stopping !== null) return;
    await this.#stop();
    this.#tell({ kind: 'exited', code: exit.code, signal: exit.signal });
    await this.#leave(exitCodeOf(exit));
  }

  async #finish({ order, log, output }: Running): Promise<void> {
    output.end();
    await log.flush();
    this.#tell({ kind: 'logged' });
    await log.close();
    rmSync(order.groupFile, { force: true });
  }

  async #leave(code: number): Promise<void> {
    await this.#channel?.end();
    this.#options.exit(code);
  }

  /** Null, or a promise that settles when the supervisor takes more. */
  #toSupervisor(line: Buffer): Promise<void> | null {
    const roomy = this.#outbox.add(line);
    if (this.#channel === null || !this.#welcomed) return roomy;
    return this.#channel.sendRpc(line) ? null : this.#channel.drained();
  }

  #toChild(line: Buffer): void {
    const stdin = this.#running?.child.process.stdin;
    if (stdin === undefined || !stdin.writable) return;
    stdin.cork();
    stdin.write(line);
    const free = stdin.write('\n');
    stdin.uncork();
    if (free) return;
    // By then it may be another supervisor's.
    this.#channel?.pause();
    this.#stdinDrained ??= drained(stdin).then(() => {
      this.#stdinDrained = null;
      this.#channel?.resume();
    });
  }

  /** What the supervisor must know waits for it while it is away; `hello` says the rest anew. */
  #tell(message: FromRunner): void {
    if (isLasting(message)) this.#outbox.add(message);
    if (this.#channel !== null && this.#welcomed) this.#channel.sendControl(message);
  }
}
