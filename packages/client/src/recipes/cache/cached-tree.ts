/**
 * The nodes that a cache holds. A node is told of after the one above it and goes before it; a node
 * never goes back to an older state. Where the nodes do not fit, an Overflow error says so: a cache that
 * leaves nodes out in silence would be none.
 */
import { type Codec, type Stat, type ZNode, ZooKeeperError } from '../../public.ts';
import { childPath, splitPath } from '../child-path.ts';
import type { CacheEvent } from './cache-event.ts';

export interface CacheBounds {
  readonly maxNodes: number;
  /** Of data and paths. */
  readonly maxBytes: number;
}

/** A node as the server has it; without data where only the stat is kept. */
export type RawNode = ZNode<Parameters<Codec<unknown>['decode']>[0] | undefined>;

interface Entry<T> {
  stat: Stat;
  /** Null where the data is no value. */
  node: ZNode<T> | null;
  readonly names: Set<string>;
  /** The pzxid of the list of children that was read last. */
  listed: bigint;
  bytes: number;
}

export class CachedTree<T> {
  readonly #root: string;
  readonly #bounds: CacheBounds;
  readonly #decode: (node: RawNode) => T;
  readonly #emit: (event: CacheEvent<T>) => void;
  readonly #entries = new Map<string, Entry<T>>();
  #bytes = 0;
  #size = 0;

  constructor(
    root: string,
    bounds: CacheBounds,
    decode: (node: RawNode) => T,
    emit: (event: CacheEvent<T>) => void,
  ) {
    this.#root = root;
    this.#bounds = bounds;
    this.#decode = decode;
    this.#emit = emit;
  }

  get size(): number {
    return this.#size;
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** What is known of a node, whatever its data is. */
  stat(path: string): Stat | undefined {
    return this.#entries.get(path)?.stat;
  }

  node(path: string): ZNode<T> | undefined {
    return this.#entries.get(path)?.node ?? undefined;
  }

  names(path: string): readonly string[] {
    return [...(this.#entries.get(path)?.names ?? [])];
  }

  *nodes(): IterableIterator<ZNode<T>> {
    for (const { node } of this.#entries.values()) if (node !== null) yield node;
  }

  children(path: string): ReadonlyMap<string, ZNode<T>> {
    const children = new Map<string, ZNode<T>>();
    for (const name of this.#entries.get(path)?.names ?? []) {
      const node = this.node(childPath(path, name));
      if (node !== undefined) children.set(name, node);
    }
    return children;
  }

  /** Whether the children of a node with this stat are those that are here. */
  isListed(path: string, { czxid, pzxid }: Stat): boolean {
    const entry = this.#entries.get(path);
    return entry !== undefined && entry.stat.czxid === czxid && entry.listed === pzxid;
  }

  /** False if it is another node than the one that was here: what was below is gone. */
  put(raw: RawNode): boolean {
    const { path, stat } = raw;
    const before = this.#entries.get(path);
    if (before !== undefined && before.stat.czxid !== stat.czxid) {
      if (before.stat.czxid > stat.czxid) return true;
      this.remove(path);
      this.#add(raw);
      return false;
    }
    if (before === undefined) this.#add(raw);
    else if (before.stat.mzxid < stat.mzxid) this.#replace(before, raw);
    else if (before.stat.mzxid === stat.mzxid) this.#touch(before, stat);
    return true;
  }

  /** With everything below it, from below. */
  remove(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    for (const below of [...entry.names]) this.remove(childPath(path, below));
    this.#entries.delete(path);
    const { parent, name } = splitPath(path);
    if (path !== this.#root) this.#entries.get(parent)?.names.delete(name);
    this.#bytes -= entry.bytes;
    if (entry.node !== null) this.#tell(null, entry.node);
  }

  /** The children of a node are these and no others. */
  retain(path: string, names: ReadonlySet<string>, pzxid: bigint): void {
    const entry = this.#entries.get(path);
    if (entry === undefined || entry.listed > pzxid) return;
    entry.listed = pzxid;
    for (const name of [...entry.names]) {
      if (!names.has(name)) this.remove(childPath(path, name));
    }
  }

  #add(raw: RawNode): void {
    const { path, stat } = raw;
    const node = this.#read(raw);
    const entry = { stat, node, names: new Set<string>(), listed: -1n, bytes: bytesOf(raw) };
    this.#entries.set(path, entry);
    const { parent, name } = splitPath(path);
    if (path !== this.#root) this.#entries.get(parent)?.names.add(name);
    this.#grow(entry.bytes);
    this.#tell(node, null);
  }

  #replace(entry: Entry<T>, raw: RawNode): void {
    const previous = entry.node;
    const node = this.#read(raw);
    const grown = bytesOf(raw) - entry.bytes;
    entry.stat = raw.stat;
    entry.node = node;
    entry.bytes += grown;
    this.#grow(grown);
    this.#tell(node, previous);
  }

  #tell(node: ZNode<T> | null, previous: ZNode<T> | null): void {
    if (node !== null && previous !== null) this.#emit({ type: 'changed', node, previous });
    else if (node !== null) {
      this.#size += 1;
      this.#emit({ type: 'created', node });
    } else if (previous !== null) {
      this.#size -= 1;
      this.#emit({ type: 'deleted', previous });
    }
  }

  #touch(entry: Entry<T>, stat: Stat): void {
    entry.stat = stat;
    if (entry.node !== null) entry.node = { ...entry.node, stat };
  }

  #read(raw: RawNode): ZNode<T> | null {
    try {
      return { ...raw, data: this.#decode(raw) };
    } catch (error) {
      this.#emit({ type: 'invalid', path: raw.path, error });
      return null;
    }
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    const { maxNodes, maxBytes } = this.#bounds;
    const isFull = this.#entries.size > maxNodes || this.#bytes > maxBytes;
    if (!isFull) return;
    const counts = `${this.#entries.size} nodes, ${this.#bytes} bytes`;
    const bounds = `maxNodes ${maxNodes}, maxBytes ${maxBytes}`;
    throw new ZooKeeperError('Overflow', `cache ${this.#root}: ${counts} exceed ${bounds}`, {
      op: 'cache',
      path: this.#root,
    });
  }
}

function bytesOf({ path, data }: RawNode): number {
  return path.length + (data?.length ?? 0);
}
