/** Clients that a test opens, and that are gone at its end. */
import { type ConnectOptions, connect, createClient, type ZooKeeper } from '../index.ts';

const DEFAULTS = { sessionTimeout: 10_000, reconnectJitter: 10 };

export class TestClients {
  readonly #open: ZooKeeper[] = [];

  async connect(servers: string, options: Partial<ConnectOptions> = {}): Promise<ZooKeeper> {
    const zk = await connect({ ...DEFAULTS, ...options, servers });
    this.#open.push(zk);
    return zk;
  }

  create(servers: string, options: Partial<ConnectOptions> = {}): ZooKeeper {
    const zk = createClient({ ...DEFAULTS, ...options, servers });
    this.#open.push(zk);
    return zk;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((zk) => zk.close({ timeout: 1000 })));
  }
}
