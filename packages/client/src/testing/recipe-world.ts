/** A server, and clients that contend on it: over connections that can break, and over others. */
import type { ServerHandle } from '@zabra/server';
import { type ConnectOptions, connect, isZooKeeperError, type ZooKeeper } from '../index.ts';
import { TestClients } from './test-clients.ts';
import { TestProxy } from './test-proxy.ts';
import { startTestServer } from './test-server.ts';

export class RecipeWorld {
  readonly server: ServerHandle;
  readonly #clients = new TestClients();
  readonly #proxies: TestProxy[] = [];
  #nextPath = 0;

  private constructor(server: ServerHandle) {
    this.server = server;
  }

  static async start(): Promise<RecipeWorld> {
    return new RecipeWorld(await startTestServer());
  }

  freshPath(): string {
    this.#nextPath += 1;
    return `/recipes/path-${this.#nextPath}`;
  }

  connect(options: Partial<ConnectOptions> = {}): Promise<ZooKeeper> {
    return this.#clients.connect(this.server.connectString, options);
  }

  async connectByProxy(
    options: Partial<ConnectOptions> = {},
  ): Promise<{ readonly zk: ZooKeeper; readonly proxy: TestProxy }> {
    const proxy = await TestProxy.start(this.server.port);
    this.#proxies.push(proxy);
    return { zk: await this.#clients.connect(proxy.connectString, options), proxy };
  }

  /** Somebody else takes the session and ends it: its nodes are gone when this resolves. */
  async expire(zk: ZooKeeper): Promise<void> {
    const taken = await connect({ servers: this.server.connectString, session: zk.session! });
    await taken.close();
  }

  async endTest(): Promise<void> {
    await this.#clients.close();
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}

/** The names below a node, none where there is no such node. */
export async function namesBelow(zk: ZooKeeper, path: string): Promise<readonly string[]> {
  try {
    return [...(await zk.children(path, { sync: true })).names].sort();
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return [];
    throw error;
  }
}

/** What a call failed with; null if it did not. */
export function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Resolves when the signal has been aborted, with the reason. */
export function reasonOf(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}
