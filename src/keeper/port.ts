import type { ChildProcess } from 'node:child_process';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { FromKeeper, ToKeeper } from './protocol.ts';

/** Clients that connect while no supervisor is there; more than that are refused. */
const MAX_QUEUED = 1_000;

/**
 * Holds the gateway's port open while supervisors come and go: who connects in between waits for the
 * next one, and is not refused.
 */
export class KeptPort {
  #server: Server | null = null;
  #address = '';
  #supervisor: ChildProcess | null = null;
  #queue: Socket[] = [];

  /** A supervisor asks for the port, and takes connections from now on. */
  async listen({ host, port }: ToKeeper, supervisor: ChildProcess): Promise<void> {
    const answer = await this.#open(host, port);
    if (!supervisor.connected) return;
    supervisor.send(answer);
    if (answer.kind !== 'listening') return;
    this.#supervisor = supervisor;
    for (const socket of this.#queue.splice(0)) this.#pass(socket);
  }

  /** The supervisor has ended: connections wait for the next one. */
  unattended(): void {
    this.#supervisor = null;
  }

  async #open(host: string, port: number): Promise<FromKeeper> {
    const address = `${host} ${port}`;
    if (this.#server !== null && this.#address === address) return listening(this.#server);
    this.#server?.close();
    this.#server = null;
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#accept(socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (error) {
      const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
      return { kind: 'listen-failed', code, message };
    }
    this.#server = server;
    this.#address = address;
    return listening(server);
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#supervisor !== null) this.#pass(socket);
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(socket);
    else socket.destroy();
  }

  #pass(socket: Socket): void {
    const message: FromKeeper = { kind: 'connection' };
    // One that closes its end just now loses this connection, as it loses all it has.
    this.#supervisor?.send(message, socket, (error) => {
      if (error !== null) socket.destroy();
    });
  }
}

function listening(server: Server): FromKeeper {
  return { kind: 'listening', port: (server.address() as AddressInfo).port };
}
