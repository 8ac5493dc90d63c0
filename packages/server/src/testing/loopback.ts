/** Plain sockets on the loopback, and free ports, for tests of what listens and calls. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What a test has opened, to be closed behind it. */
export class Loopback {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** A port that nobody listens to now. */
  async freePort(): Promise<number> {
    const { server, port } = await this.listen(() => {});
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  async listen(
    onSocket: (socket: Socket) => void,
    port = 0,
  ): Promise<{ server: Server; port: number }> {
    const server = createServer((socket) => onSocket(this.#keep(socket)));
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address();
    return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
  }

  /** Rejects when nobody listens. */
  connect(port: number, allowHalfOpen = false): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const where = { port, host: '127.0.0.1', allowHalfOpen };
      const socket = connect(where, () => resolve(socket));
      socket.on('error', reject);
      this.#keep(socket);
    });
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    return socket;
  }
}
