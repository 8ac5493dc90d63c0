/**
 * Who is there: each member is a node that goes with its session and is made again in the next, and
 * each sees all of them. The own member is always among them.
 */
import { type Abortable, type Codec, codecs, type ZNode, type ZooKeeper } from '../../public.ts';
import { TreeCache } from '../cache/tree-cache.ts';
import { childPath } from '../child-path.ts';
import { Newest } from '../newest.ts';
import { type GroupLayout, memberData, memberId, memberName } from './group-layout.ts';
import { PersistentNode } from './persistent-node.ts';

export interface GroupOptions<T> extends Abortable {
  /** Text unless it is given. */
  readonly codec?: Codec<T> | undefined;
  readonly layout?: GroupLayout | undefined;
}

export class Group<T> implements AsyncDisposable {
  readonly path: string;
  readonly id: string;
  readonly #layout: GroupLayout;
  readonly #codec: Codec<T>;
  readonly #node: PersistentNode;
  readonly #cache: TreeCache<ZNode['data']>;
  readonly #changes = new Newest<ReadonlyMap<string, T>>();
  #payload: T;
  #members: ReadonlyMap<string, T> = new Map();

  /** Resolves when the own member is there and the others are known. */
  static async join<T = string>(
    zk: ZooKeeper,
    path: string,
    id: string,
    payload: T,
    options: GroupOptions<T> = {},
  ): Promise<Group<T>> {
    const { layout = 'curator', signal, timeout } = options;
    const codec = options.codec ?? (codecs.utf8 as unknown as Codec<T>);
    const limits = { signal, timeout };
    const cache = await TreeCache.open(zk, path, { ...limits, depth: 1, codec: codecs.bytes });
    try {
      for (const [name, node] of cache.children()) memberId(layout, name, node);
      const own = childPath(path, memberName(layout, id));
      const data = memberData(layout, id, codec.encode(payload));
      const parents = layout === 'curator' ? 'container' : true;
      const node = await PersistentNode.open(zk, own, data, { ...limits, parents });
      return new Group<T>(path, id, payload, codec, layout, node, cache);
    } catch (error) {
      await cache.close();
      throw error;
    }
  }

  private constructor(
    path: string,
    id: string,
    payload: T,
    codec: Codec<T>,
    layout: GroupLayout,
    node: PersistentNode,
    cache: TreeCache<ZNode['data']>,
  ) {
    this.path = path;
    this.id = id;
    this.#payload = payload;
    this.#codec = codec;
    this.#layout = layout;
    this.#node = node;
    this.#cache = cache;
    this.#look();
    void this.#follow();
  }

  /** Their payloads, by id; those whose payload is no value are left out. */
  members(): ReadonlyMap<string, T> {
    return this.#members;
  }

  /** Of the own member. */
  async setPayload(payload: T, options: Abortable = {}): Promise<void> {
    this.#payload = payload;
    const data = memberData(this.#layout, this.id, this.#codec.encode(payload));
    await this.#node.set(data, options);
    this.#look();
  }

  /** All members now, and whenever they have changed; what lies in between may be skipped. */
  changes(options: Pick<Abortable, 'signal'> = {}): AsyncIterableIterator<ReadonlyMap<string, T>> {
    const reader = this.#changes.reader(options);
    reader.push(this.#members);
    return reader;
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    await this.#cache.close();
    await this.#node.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#cache.changes()) {
        const isOfNodes = event.type !== 'stale' && event.type !== 'initialized';
        if (isOfNodes) this.#look();
      }
      this.#changes.end();
    } catch (error) {
      this.#changes.end(error);
    }
  }

  #look(): void {
    const members = new Map<string, T>([[this.id, this.#payload]]);
    for (const [name, node] of this.#cache.children()) {
      const id = memberId(this.#layout, name, node);
      if (id === null || id === this.id) continue;
      const payload = this.#read(node);
      if (payload !== null) members.set(id, payload.value);
    }
    this.#members = members;
    this.#changes.push(members);
  }

  #read(node: ZNode): { readonly value: T } | null {
    try {
      return { value: this.#codec.decode(node.data, node) };
    } catch {
      return null;
    }
  }
}
