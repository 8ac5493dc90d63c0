/**
 * A forwarder between a client and a server that can fail on demand: cut every connection, refuse
 * new ones, or hold all bytes back while the connections stay open.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultyLink {
  readonly port: number;
  /** Cuts all connections; new ones are welcome at once. */
  readonly drop: () => void;
  /** Cuts all connections and every new one, until `open`. */
  readonly refuse: () => void;
  /** No byte passes in either direction until `open`, which delivers what was held. */
  readonly hold: () => void;
  readonly open: () => void;
  readonly close: () => Promise<void>;
}

export async function startProxy(targetPort: number): Promise<FaultyLink> {
  const sockets = new Set<Socket>();
  let state: 'open' | 'refusing' | 'holding' = 'open';
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (state === 'refusing') {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      if (state === 'holding') socket.pause();
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    drop: cut,
    refuse: () => {
      state = 'refusing';
      cut();
    },
    hold: () => {
      state = 'holding';
      for (const socket of sockets) socket.pause();
    },
    open: () => {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
