/**
 * Members of one ensemble as real processes on the loopback, Zabra's and Apache's side by side, each
 * with a directory, a zoo.cfg and a myid of its own that outlive it. Between them there may be wires
 * that can be cut.
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
import { type Door, Wires } from './wires.ts';

export type Role = 'leader' | 'follower' | 'observer' | 'not serving';

export interface EnsemblePlan {
  /** Members 1, 2 and so on. */
  readonly members: readonly Product[];
  /** Behind them, those without a vote. */
  readonly observers?: readonly Product[];
  /** Lines of every zoo.cfg. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Java system properties of every member; ours know some of them. */
  readonly properties?: Readonly<Record<string, string | number>>;
  /** Everything that members say to each other goes over `wires`. */
  readonly isWired?: boolean;
}

export interface Place {
  /** Whose server is started there; it may be another the next time. */
  product: Product;
  readonly directory: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** It goes on with the zoo.cfg that it has, which it may have changed itself. */
  keepsConfiguration?: boolean;
  /** Beyond those of all. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

interface PeerDoor extends Door {
  readonly id: number;
  /** What stands behind the ports. */
  readonly role: string;
}

/** Each server writes the configuration node for itself. */
export const CONFIG_NODE = '/zookeeper/config';
export const SUPER_PASSWORD = 'secret';
const PROPERTIES = {
  'zookeeper.DigestAuthenticationProvider.superDigest': 'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
};
/** How long a write is tried again, which may fall into an election. */
const WRITE_PATIENCE_MS = 20_000;

export class Ensemble {
  readonly #root: string;
  /** What the plan asked for; empty else. */
  readonly wires: Wires;
  readonly #places: ReadonlyMap<number, Place>;
  readonly #running = new Map<number, ServerProcess>();

  protected constructor(root: string, wires: Wires, places: ReadonlyMap<number, Place>) {
    this.#root = root;
    this.wires = wires;
    this.#places = places;
  }

  /** Members 1, 2 and so on; none of them runs. */
  static of(...members: readonly Product[]): Promise<Ensemble> {
    return Ensemble.planned({ members });
  }

  static async planned(plan: EnsemblePlan): Promise<Ensemble> {
    const { members, observers = [], isWired = false } = plan;
    const root = await temporaryDirectory('ensemble');
    const products = [...members, ...observers];
    const doors: PeerDoor[] = [];
    for (const [i] of products.entries()) {
      const role = i < members.length ? '' : ':observer';
      doors.push({ id: i + 1, quorum: await freePort(), election: await freePort(), role });
    }
    const wires = await Wires.between(isWired ? doors : []);
    const places = new Map<number, Place>();
    for (const [i, product] of products.entries()) {
      const id = i + 1;
      const directory = join(root, `${id}`);
      await mkdir(join(directory, 'data'), { recursive: true });
      await writeFile(join(directory, 'data', 'myid'), `${id}\n`);
      const settings: Record<string, string | number> = { tickTime: 500, ...plan.settings };
      if (i >= members.length) settings.peerType = 'observer';
      for (const door of doors) {
        const { quorum, election } = door.id === id ? door : (wires.entrance(id, door.id) ?? door);
        settings[`server.${door.id}`] = `127.0.0.1:${quorum}:${election}${door.role}`;
      }
      const { properties = {} } = plan;
      places.set(id, { product, directory, port: await freePort(), settings, properties });
    }
    return new Ensemble(root, wires, places);
  }

  /** Below it lies what each member has written, in a folder named after its id. */
  get root(): string {
    return this.#root;
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

  /** The next time another server is started on the member's directory. */
  become(id: number, product: Product): void {
    this.#places.get(id)!.product = product;
  }

  portOf(id: number): number {
    return this.#places.get(id)!.port;
  }

  dataDirOf(id: number): string {
    return join(this.#places.get(id)!.directory, 'data');
  }

  /** All at once; resolves when each of them serves. */
  start(...ids: readonly number[]): Promise<void> {
    return this.#launch(ids, true);
  }

  /** The same without waiting: there may be nobody yet with whom it could serve. */
  launch(...ids: readonly number[]): Promise<void> {
    return this.#launch(ids, false);
  }

  async #launch(ids: readonly number[], untilServing: boolean): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        const place = this.#places.get(id)!;
        const { product, directory, port, settings, keepsConfiguration } = place;
        const server = await startServer({
          product,
          directory,
          port,
          settings,
          properties: { ...PROPERTIES, ...place.properties },
          untilServing,
          keepsConfiguration: keepsConfiguration ?? false,
        });
        this.#running.set(id, server);
      }),
    );
  }

  /** As a power cut would. */
  async kill(id: number): Promise<void> {
    await this.#take(id).kill();
  }

  /** It keeps its sockets and does nothing until it is thawed or killed. */
  freeze(id: number): void {
    this.#running.get(id)!.pause();
  }

  thaw(id: number): void {
    this.#running.get(id)!.resume();
  }

  /** As an operator would; the exit code. */
  async stop(id: number): Promise<number> {
    const server = this.#take(id);
    await server.stop();
    return server.exited;
  }

  async roleOf(id: number): Promise<Role> {
    const answer = await this.word(id, 'srvr');
    const mode = /^Mode: (leader|follower|observer)$/m.exec(answer)?.[1];
    return (mode as Role | undefined) ?? 'not serving';
  }

  async zxidOf(id: number): Promise<string> {
    const answer = await this.word(id, 'srvr');
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

  /** What a member answers a four-letter word; nothing where it does not answer. */
  word(id: number, word: string): Promise<string> {
    return fourLetterWord(this.portOf(id), word).catch(() => '');
  }

  /** All die, and everything they have written stays. */
  async killAll(): Promise<void> {
    await Promise.all(this.running.map((id) => this.kill(id)));
  }

  async end(): Promise<void> {
    await this.killAll();
    await this.wires.close();
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
