/**
 * An ensemble whose members change: servers are recruited that nobody has listed yet, a super user
 * has them join, and each goes on with the zoo.cfg that it has written itself.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/peers-process.ts';
import { Op, pathAndWatch, type ReconfigFields, reconfigBody } from '../support/raw-requests.ts';
import { type Product, temporaryDirectory } from '../support/server.ts';
import { CONFIG_NODE, Ensemble, type Place, SUPER_PASSWORD } from './ensemble.ts';
import { Wires } from './wires.ts';

type Settings = Readonly<Record<string, string | number | boolean>>;

export class ChangingEnsemble extends Ensemble {
  readonly #home: string;
  readonly #settings: Settings;
  readonly #places: Map<number, Place>;
  /** What stands in a server line ahead of the role. */
  readonly #peers = new Map<number, string>();

  private constructor(root: string, wires: Wires, places: Map<number, Place>, settings: Settings) {
    super(root, wires, places);
    this.#home = root;
    this.#places = places;
    this.#settings = { tickTime: 500, reconfigEnabled: true, ...settings };
  }

  /** Members 1, 2 and so on, listed from the beginning; none of them runs. */
  static async from(
    settings: Settings,
    ...products: readonly Product[]
  ): Promise<ChangingEnsemble> {
    const root = await temporaryDirectory('ensemble');
    const all = new ChangingEnsemble(root, await Wires.between([]), new Map(), settings);
    for (const product of products) await all.#settle(product);
    const founders = all.ids;
    for (const id of founders) all.#list(id, founders);
    return all;
  }

  /** One more, which lists itself behind those who run now; its id. */
  async recruit(product: Product): Promise<number> {
    const id = await this.#settle(product);
    this.#list(id, [...this.running, id]);
    return id;
  }

  /** Its line names other ports from now on; it goes there when a change of members says so. */
  async move(id: number): Promise<void> {
    this.#peers.set(id, await freePeers());
    this.#places.set(id, { ...this.#places.get(id)!, port: await freePort() });
  }

  /** `server.N=…`, as a reconfig takes it. */
  lineOf(id: number, role = 'participant'): string {
    return `server.${id}=${this.#peers.get(id)}:${role};127.0.0.1:${this.portOf(id)}`;
  }

  directoryOf(id: number): string {
    return this.#places.get(id)!.directory;
  }

  /** Changes the members by a super user at this one; the text of the new configuration. */
  async reconfigure(id: number, fields: ReconfigFields): Promise<string> {
    const client = await this.connect(id);
    await client.auth('digest', `super:${SUPER_PASSWORD}`);
    const { error, body } = await client.call(Op.reconfig, reconfigBody(fields));
    client.destroy();
    if (error !== 0) throw new Error(`the change of members was refused with ${error}`);
    return body.subarray(4, 4 + body.readInt32BE(0)).toString();
  }

  /** What a member says the configuration is. */
  async configuration(id: number): Promise<string> {
    const client = await this.connect(id);
    const { body } = await client.must(Op.getData, pathAndWatch(CONFIG_NODE));
    client.destroy();
    return body.subarray(4, 4 + body.readInt32BE(0)).toString();
  }

  override async start(...ids: readonly number[]): Promise<void> {
    await super.start(...ids);
    for (const id of ids) this.#places.get(id)!.keepsConfiguration = true;
  }

  async #settle(product: Product): Promise<number> {
    const id = this.#places.size + 1;
    const directory = join(this.#home, `${id}`);
    await mkdir(join(directory, 'data'), { recursive: true });
    await writeFile(join(directory, 'data', 'myid'), `${id}\n`);
    this.#peers.set(id, await freePeers());
    this.#places.set(id, { product, directory, port: await freePort(), settings: {} });
    return id;
  }

  #list(own: number, ids: readonly number[]): void {
    const lines = ids.map((id) => this.lineOf(id).split('=') as [string, string]);
    const settings = { ...this.#settings, ...Object.fromEntries(lines) };
    this.#places.set(own, { ...this.#places.get(own)!, settings });
  }
}

async function freePeers(): Promise<string> {
  return `127.0.0.1:${await freePort()}:${await freePort()}`;
}
