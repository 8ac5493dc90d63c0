/** Accepts clients. */
import { createServer, type Server } from 'node:net';
import { type Accepted, acceptClients } from './accept.ts';

export interface ListenOptions {
  readonly port: number;
  /** All addresses where undefined. */
  readonly address: string | undefined;
  /** What the system takes for it where negative. */
  readonly backlog: number;
  readonly keepAlive: boolean;
}

export class Listener {
  readonly #server: Server;
  readonly port: number;
  readonly host: string;

  private constructor(server: Server, port: number, host: string) {
    this.#server = server;
    this.port = port;
    this.host = host;
  }

  static open(options: ListenOptions, onClient: (client: Accepted) => void): Promise<Listener> {
    // `echo mntr | nc` closes its side before the answer is there.
    const server = createServer({ allowHalfOpen: true });
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(new Error(describe(error, options), { cause: error }));
      });
      const where = {
        port: options.port,
        ...(options.address === undefined ? {} : { host: options.address }),
        ...(options.backlog < 0 ? {} : { backlog: options.backlog }),
      };
      server.listen(where, () => {
        // A client that could not be taken in is that client's trouble alone.
        server.on('error', () => {});
        acceptClients(server, { keepAlive: options.keepAlive, sharesBuffer: true }, onClient);
        const address = server.address();
        const port = typeof address === 'object' && address !== null ? address.port : options.port;
        resolve(new Listener(server, port, options.address ?? 'localhost'));
      });
    });
  }

  /** No further clients; those that are connected stay. */
  close(): void {
    this.#server.close();
  }
}

function describe(error: NodeJS.ErrnoException, options: ListenOptions): string {
  const where = `${options.address ?? '*'}:${options.port}`;
  if (error.code === 'EADDRINUSE') {
    return `the client port ${where} is in use: stop what listens there, or set another clientPort`;
  }
  if (error.code === 'EACCES') {
    return `the client port ${where} needs privileges this process lacks: set a clientPort above 1023`;
  }
  return `cannot listen on ${where}: ${error.message}`;
}
