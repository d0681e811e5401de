import type { Socket } from 'node:net';
import { SupervisorError } from '../errors.ts';
import type { FromKeeper, ToKeeper } from '../keeper/protocol.ts';

/** Where connections come from. */
export interface Listener {
  /** Resolves with the port, which differs from the one asked for where that was 0. Rejects as `net` does. */
  listen(host: string, port: number): Promise<number>;
  /** Takes every connection from now on; `id` names it, also for the next supervisor. */
  onConnection(take: (socket: Socket, id: string) => void): void;
  /** This connection is over. One that is not told of is handed to the next supervisor. */
  closed(id: string): void;
}

const ANSWER_TIMEOUT_MS = 10_000;

/** The part of `process` that is the channel to the keeper. */
export interface KeeperChannel {
  readonly connected: boolean;
  send?: (message: ToKeeper) => boolean;
  on(event: 'message', listener: (message: FromKeeper, handle?: unknown) => void): unknown;
}

/** The port that the keeper holds. */
export class KeeperListener implements Listener {
  readonly #channel: KeeperChannel;
  #take: ((socket: Socket, id: string) => void) | null = null;
  /** Connections that came before anybody took them. */
  #early: [Socket, string][] = [];
  #onAnswer: (answer: FromKeeper) => void = () => {};

  constructor(channel: KeeperChannel) {
    this.#channel = channel;
    channel.on('message', (message, handle) => {
      if (message.kind !== 'connection') this.#onAnswer(message);
      else if (handle !== undefined) this.#receive(handle as Socket, message.id);
      // The client went while its socket was on the way.
      else this.closed(message.id);
    });
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `The keeper did not open port ${port} within ${ANSWER_TIMEOUT_MS / 1000} s`;
        reject(new SupervisorError('gateway.unusable', message, 'Run `mcp-supervisor down`, then `up`.'));
      }, ANSWER_TIMEOUT_MS);
      this.#onAnswer = (answer) => {
        clearTimeout(timer);
        if (answer.kind === 'listening') resolve(answer.port);
        else if (answer.kind === 'listen-failed') {
          reject(Object.assign(new Error(answer.message), { code: answer.code }));
        }
      };
      this.#channel.send?.({ kind: 'listen', host, port });
    });
  }

  onConnection(take: (socket: Socket, id: string) => void): void {
    this.#take = take;
    for (const [socket, id] of this.#early.splice(0)) take(socket, id);
  }

  closed(id: string): void {
    // Without a keeper there is no connection either: it takes all of them along.
    if (this.#channel.connected) this.#channel.send?.({ kind: 'closed', id });
  }

  #receive(socket: Socket, id: string): void {
    if (this.#take === null) this.#early.push([socket, id]);
    else this.#take(socket, id);
  }
}
