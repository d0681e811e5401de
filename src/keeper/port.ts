import type { ChildProcess } from 'node:child_process';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { FromKeeper, ToKeeper } from './protocol.ts';

/** Clients that connect while no supervisor is there; more than that are refused. */
const MAX_WAITING = 1_000;

/**
 * Holds the gateway's port open while supervisors come and go, and every connection with it: the
 * supervisor serves a duplicate, so that one that is killed takes no connection along. Nothing is read
 * here; what clients send in between waits in the kernel for the next supervisor.
 */
export class KeptPort {
  /** No keeper before or after this one uses the same ids. */
  readonly #prefix = `${Date.now().toString(36)}-${process.pid}-`;
  readonly #connections = new Map<string, Socket>();
  #server: Server | null = null;
  #address = '';
  #supervisor: ChildProcess | null = null;
  #nextId = 1;

  /**
   * A supervisor asks for the port, and takes connections from now on: first those that are there. When it
   * has the answer it has all of them.
   */
  async listen(host: string, port: number, supervisor: ChildProcess): Promise<void> {
    const answer = await this.#open(host, port);
    if (!supervisor.connected) return;
    if (answer.kind === 'listening' && this.#supervisor !== supervisor) {
      this.#supervisor = supervisor;
      for (const [id, socket] of this.#connections) this.#pass(id, socket);
    }
    supervisor.send(answer);
  }

  obey(message: ToKeeper, supervisor: ChildProcess): void {
    switch (message.kind) {
      case 'listen':
        void this.listen(message.host, message.port, supervisor);
        return;
      case 'closed':
        this.#drop(message.id);
        return;
    }
  }

  /** The supervisor has ended: connections wait for the next one. */
  unattended(): void {
    this.#supervisor = null;
  }

  /** The new port is opened before the old one is closed: where that cannot be, the old one stays. */
  async #open(host: string, port: number): Promise<FromKeeper> {
    const address = `${host} ${port}`;
    const before = this.#server;
    if (before !== null && this.#address === address) return listening(before);
    try {
      this.#server = await this.#bind(host, port);
      before?.close();
    } catch (error) {
      if (before === null || (before.address() as AddressInfo).port !== port) return failed(error);
      return this.#exchange(before, host, port);
    }
    this.#address = address;
    return listening(this.#server);
  }

  /** The same port on another address: the two exclude each other. */
  async #exchange(before: Server, host: string, port: number): Promise<FromKeeper> {
    const old = before.address() as AddressInfo;
    before.close();
    try {
      this.#server = await this.#bind(host, port);
      this.#address = `${host} ${port}`;
      return listening(this.#server);
    } catch (error) {
      this.#server = await this.#bind(old.address, old.port);
      return failed(error);
    }
  }

  async #bind(host: string, port: number): Promise<Server> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return server;
  }

  #accept(socket: Socket): void {
    if (this.#supervisor === null && this.#connections.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    const id = `${this.#prefix}${this.#nextId++}`;
    this.#connections.set(id, socket);
    socket.on('error', () => this.#drop(id));
    this.#pass(id, socket);
  }

  #pass(id: string, socket: Socket): void {
    const message: FromKeeper = { kind: 'connection', id };
    // A supervisor that is just ending does not get it; the next one does.
    this.#supervisor?.send(message, socket, { keepOpen: true }, () => {});
  }

  #drop(id: string): void {
    this.#connections.get(id)?.destroy();
    this.#connections.delete(id);
  }
}

function listening(server: Server): FromKeeper {
  return { kind: 'listening', port: (server.address() as AddressInfo).port };
}

function failed(error: unknown): FromKeeper {
  const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
  return { kind: 'listen-failed', code, message };
}
