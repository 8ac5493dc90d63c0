/**
 * A number that all see, and that can be set while they work: 32 bits, big-endian, as Curator's
 * SharedCount has it.
 */
import { type Abortable, codecs, isZooKeeperError, type ZooKeeper } from '../public.ts';

export class SharedCount {
  readonly zk: ZooKeeper;
  readonly path: string;
  readonly #seed: number;

  /** `seed` is what it is until somebody has set it. */
  constructor(zk: ZooKeeper, path: string, seed: number) {
    this.zk = zk;
    this.path = path;
    this.#seed = seed;
  }

  async get(options: Abortable = {}): Promise<number> {
    const { zk, path } = this;
    const stat = await zk.exists(path, options);
    // Two programs that begin at once agree: the later one reads what the earlier has written.
    if (stat === null) await this.#plant(options);
    const { data, stat: at } = await zk.get(path, options);
    return codecs.int32.decode(data, { path, stat: at });
  }

  async set(value: number, options: Abortable = {}): Promise<void> {
    const data = codecs.int32.encode(value);
    await this.zk.create(this.path, data, { ...options, parents: 'container', orSet: true });
  }

  async #plant(options: Abortable): Promise<void> {
    const data = codecs.int32.encode(this.#seed);
    try {
      await this.zk.create(this.path, data, { ...options, parents: 'container' });
    } catch (error) {
      if (!isZooKeeperError(error, 'NodeExists')) throw error;
    }
  }
}
