import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network between a client and a gateway, with a knife. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, gateway: Socket]>();
  #swallows = false;
  #swallowed = '';
  #limit: number | null = null;
  #taken = 0;

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
  }

  /** `port`: what is behind it. */
  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on what a client says is taken, and lost on the way. */
  swallow(on: boolean): void {
    this.#swallows = on;
  }

  /** What was lost so far. */
  get swallowed(): string {
    return this.#swallowed;
  }

  /** From now on no more than so many bytes are taken from clients; null: all. */
  stall(bytes: number | null): void {
    this.#limit = bytes;
    this.#taken = 0;
  }

  get stalled(): boolean {
    return this.#limit !== null && this.#taken > this.#limit;
  }

  /** Breaks every connection. */
  cut(): void {
    for (const [client, gateway] of this.#pairs) {
      client.resetAndDestroy();
      gateway.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, gateway: Socket): void {
    const pair = [client, gateway] as const;
    this.#pairs.add(pair);
    client.on('data', (chunk) => {
      this.#taken += chunk.length;
      if (this.#swallows) this.#swallowed += chunk.toString();
      else if (this.stalled) client.pause();
      else gateway.write(chunk);
    });
    gateway.on('data', (chunk) => client.write(chunk));
    for (const [one, other] of [pair, [gateway, client] as const]) {
      one.on('error', () => {});
      one.once('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }
}
