/** A server, a client over a connection that breaks when it is told to, and another over one that does not. */
import type { ServerHandle } from '@zabra/server';
import type { ZooKeeper } from '../index.ts';
import { TestClients } from './test-clients.ts';
import { TestProxy } from './test-proxy.ts';
import { startTestServer } from './test-server.ts';

/** How long may be waited for what takes no time on a quiet machine. */
export const SOON = { timeout: 20_000 };

export class RecipeBench {
  readonly clients: TestClients = new TestClients();
  server!: ServerHandle;
  proxy!: TestProxy;
  zk!: ZooKeeper;
  other!: ZooKeeper;
  #roots = 0;

  /** Before all tests of a file. */
  async start(): Promise<void> {
    this.server = await startTestServer();
  }

  async stop(): Promise<void> {
    await this.server.close();
  }

  /** Before each test, which sees a tree of its own. */
  async begin(): Promise<void> {
    this.#roots += 1;
    const root = `/bench-${this.#roots}`;
    this.proxy = await TestProxy.start(this.server.port);
    const { connectString } = this.server;
    this.other = await this.clients.connect(`${connectString}${root}`, { ensureChroot: true });
    this.zk = await this.clients.connect(`${this.proxy.connectString}${root}`);
  }

  async end(): Promise<void> {
    await this.clients.close();
    await this.proxy.close();
  }

  /** One more client that sees the same. */
  client(): Promise<ZooKeeper> {
    return this.clients.connect(`${this.server.connectString}/bench-${this.#roots}`);
  }

  /** Ends the session of `zk` behind its back. */
  async expire(): Promise<void> {
    const { id, password } = this.zk.session!;
    const session = { id, password };
    const taken = await this.clients.connect(this.server.connectString, { session });
    await taken.close();
  }

  /** The answer of the next such request is lost: the connection breaks when `fact` has come about. */
  async loseAnswer(opcode: number, fact: () => Promise<unknown>): Promise<void> {
    const { proxy } = this;
    await new Promise<void>((resolve) => {
      proxy.judge = (asked) => {
        if (asked !== opcode || !proxy.isTalking) return null;
        proxy.isTalking = false;
        resolve();
        return null;
      };
    });
    while (!(await fact())) await this.other.sync();
    proxy.judge = () => null;
    proxy.cut();
    proxy.isTalking = true;
  }
}
