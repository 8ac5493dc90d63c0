/**
 * Members of one ensemble as real processes on the loopback, Zabra's and Apache's side by side, each
 * with a directory, a zoo.cfg and a myid of its own that outlive it.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DescribedNode, readTree } from '../faults/tree-reader.ts';
import { fourLetterWord, freePort } from '../support/peers-process.ts';
import { RawClient } from '../support/raw-client.ts';
import { type ConnectFields, createBody, Op, pathAndWatch } from '../support/raw-requests.ts';
import {
  type Product,
  type ServerProcess,
  startServer,
  temporaryDirectory,
} from '../support/server.ts';

export type Role = 'leader' | 'follower' | 'not serving';

interface Place {
  readonly product: Product;
  readonly directory: string;
  readonly port: number;
}

/** Each server writes the configuration node for itself. */
const CONFIG_NODE = '/zookeeper/config';
const SUPER_PASSWORD = 'secret';
const PROPERTIES = {
  'zookeeper.DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
};
/** How long a write is tried again, which may fall into an election. */
const WRITE_PATIENCE_MS = 20_000;

export class Ensemble {
  readonly #root: string;
  readonly #places: ReadonlyMap<number, Place>;
  readonly #settings: Readonly<Record<string, string | number>>;
  readonly #running = new Map<number, ServerProcess>();

  private constructor(
    root: string,
    places: ReadonlyMap<number, Place>,
    settings: Readonly<Record<string, string | number>>,
  ) {
    this.#root = root;
    this.#places = places;
    this.#settings = settings;
  }

  /** Members 1, 2 and so on; none of them runs. */
  static async of(...products: readonly Product[]): Promise<Ensemble> {
    const root = await temporaryDirectory('ensemble');
    const places = new Map<number, Place>();
    const settings: Record<string, string | number> = { tickTime: 500 };
    for (const [i, product] of products.entries()) {
      const id = i + 1;
      const directory = join(root, `${id}`);
      await mkdir(join(directory, 'data'), { recursive: true });
      await writeFile(join(directory, 'data', 'myid'), `${id}\n`);
      places.set(id, { product, directory, port: await freePort() });
      settings[`server.${id}`] = `127.0.0.1:${await freePort()}:${await freePort()}`;
    }
    return new Ensemble(root, places, settings);
  }

  get ids(): readonly number[] {
    return [...this.#places.keys()];
  }

  get running(): readonly number[] {
    return [...this.#running.keys()].sort();
  }

  productOf(id: number): Product {
    return this.#places.get(id)!.product;
  }

  /** All at once; resolves when each of them serves. */
  async start(...ids: readonly number[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const { product, directory, port } = this.#places.get(id)!;
        const server = await startServer({
          product,
          directory,
          port,
          settings: this.#settings,
          properties: PROPERTIES,
        });
        this.#running.set(id, server);
      }),
    );
  }

  /** As a power cut would. */
  async kill(id: number): Promise<void> {
    await this.#take(id).kill();
  }

  /** It keeps its sockets and does nothing; the only end of this is that it is killed. */
  freeze(id: number): void {
    this.#running.get(id)!.pause();
  }

  /** As an operator would; the exit code. */
  async stop(id: number): Promise<number> {
    const server = this.#take(id);
    await server.stop();
    return server.exited;
  }

  async roleOf(id: number): Promise<Role> {
    const answer = await fourLetterWord(this.#places.get(id)!.port, 'srvr').catch(() => '');
    const mode = /^Mode: (leader|follower)$/m.exec(answer)?.[1];
    return (mode as Role | undefined) ?? 'not serving';
  }

  async zxidOf(id: number): Promise<string> {
    const answer = await fourLetterWord(this.#places.get(id)!.port, 'srvr').catch(() => '');
    return /^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1] ?? 'none';
  }

  /** The member that leads; waits for one. */
  async leader(): Promise<number> {
    const untilMs = Date.now() + WRITE_PATIENCE_MS;
    while (Date.now() < untilMs) {
      for (const id of this.running) if ((await this.roleOf(id)) === 'leader') return id;
      await pause();
    }
    throw new Error('nobody leads');
  }

  /** Creates a node by a client of this member. Where the answer was lost, it may be there already. */
  async write(id: number, path: string): Promise<void> {
    const untilMs = Date.now() + WRITE_PATIENCE_MS;
    for (;;) {
      try {
        const client = await this.connect(id);
        await client.must(Op.create, createBody(path, { data: `by ${id}` }));
        await client.closeSession();
        return;
      } catch (error) {
        if (Date.now() > untilMs) throw error;
        if (await this.#isThere(id, path)) return;
        await pause();
      }
    }
  }

  connect(id: number, fields: ConnectFields = {}): Promise<RawClient> {
    return RawClient.connect({ port: this.#places.get(id)!.port, ...fields });
  }

  /** Everything in the tree of a member, as its clients see it. */
  async tree(id: number): Promise<readonly DescribedNode[]> {
    const nodes = await readTree(this.#places.get(id)!.port, SUPER_PASSWORD);
    return nodes.filter(({ path }) => path !== CONFIG_NODE);
  }

  /** What a member wrote to its log so far. */
  said(id: number): Promise<string> {
    return this.#running.get(id)!.stderr();
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server.kill()));
    await rm(this.#root, { recursive: true, force: true });
  }

  async #isThere(id: number, path: string): Promise<boolean> {
    try {
      const client = await this.connect(id);
      const { error } = await client.call(Op.exists, pathAndWatch(path));
      await client.closeSession();
      return error === 0;
    } catch {
      return false;
    }
  }

  #take(id: number): ServerProcess {
    const server = this.#running.get(id)!;
    this.#running.delete(id);
    return server;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
