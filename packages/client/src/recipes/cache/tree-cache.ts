/**
 * A copy of a subtree that follows it: read once, then kept by one watch. Intermediate values may be
 * skipped; the last one arrives. While nothing can be heard of the server the cache is `stale`, and
 * `fresh` again when all that was missed has been read.
 *
 * This file says what is to be read when; `cached-tree.ts` holds what was read.
 */
import {
  type Abortable,
  ClientClosedError,
  type Codec,
  codecs,
  isZooKeeperError,
  type Stat,
  type Watch,
  type WatchEvent,
  type ZNode,
  type ZooKeeper,
} from '../../public.ts';
import { childPath, splitPath } from '../child-path.ts';
import { steadily } from '../steady.ts';
import { untilCalled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';
import type { CacheEvent } from './cache-event.ts';
import { CachedTree, type RawNode } from './cached-tree.ts';
import { NetChanges } from './net-changes.ts';
import { type Reading, ReadingList } from './reading-list.ts';

export interface TreeCacheOptions<T> extends Abortable {
  /** Bytes unless it is given. */
  readonly codec?: Codec<T> | undefined;
  /** How far down: 0 is the node alone, 1 its children as well; all unless it is given. */
  readonly depth?: number | undefined;
  /** A node for which this is false is left out, with everything below it. */
  readonly filter?: ((path: string) => boolean) | undefined;
  /** False: names and stats alone; data is neither read nor kept. */
  readonly keepData?: boolean | undefined;
  /** With more nodes, or more bytes of data and paths, the cache ends with an Overflow error. */
  readonly maxNodes?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Whether an `invalid` event tells of data that is no value; it is left out either way. */
  readonly onDecodeError?: 'report' | 'skip' | undefined;
}

const MAX_NODES = 1_000_000;
const MAX_BYTES = 256 * 1024 * 1024;

export class TreeCache<T> implements AsyncDisposable {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #options: TreeCacheOptions<T>;
  readonly #depth: number;
  readonly #tree: CachedTree<T>;
  readonly #readings: ReadingList;
  readonly #readers = new Set<NetChanges<T>>();
  readonly #watch: Watch;
  /** While it is opened: who waits for it. */
  #onInitialized: () => void = () => {};
  #isInitialized = false;
  #isStale = true;
  /** What was missed is being read. */
  #isCatchingUp = false;
  #end: { readonly error: unknown } | null = null;
  readonly #onSuspended = (): void => this.#becomeStale();

  static open(
    zk: ZooKeeper,
    path: string,
    options: TreeCacheOptions<unknown> & { readonly keepData: false },
  ): Promise<TreeCache<undefined>>;
  static open(zk: ZooKeeper, path: string): Promise<TreeCache<ZNode['data']>>;
  static open<T = ZNode['data']>(
    zk: ZooKeeper,
    path: string,
    options: TreeCacheOptions<T>,
  ): Promise<TreeCache<T>>;
  static async open<T>(
    zk: ZooKeeper,
    path: string,
    options: TreeCacheOptions<T> = {},
  ): Promise<TreeCache<T>> {
    const cache = new TreeCache<T>(zk, path, options);
    try {
      await withinLimits('cache', path, options, (signal) => cache.#begin(signal));
    } catch (error) {
      cache.#finish(error);
      throw error;
    }
    return cache;
  }

  private constructor(zk: ZooKeeper, path: string, options: TreeCacheOptions<T>) {
    this.path = path;
    this.#zk = steadily(zk);
    this.#options = options;
    this.#depth = options.depth ?? Number.POSITIVE_INFINITY;
    const codec = options.codec ?? (codecs.bytes as unknown as Codec<T>);
    const bounds = {
      maxNodes: options.maxNodes ?? MAX_NODES,
      maxBytes: options.maxBytes ?? MAX_BYTES,
    };
    const decode = ({ data, path: at, stat }: RawNode): T =>
      data === undefined ? (undefined as T) : codec.decode(data, { path: at, stat });
    this.#tree = new CachedTree(path, bounds, decode, (event) => this.#tell(event));
    this.#readings = new ReadingList(
      (reading) => this.#read(reading),
      () => this.#onIdle(),
    );
    this.#watch = this.#zk.watch(path, { recursive: this.#depth > 0 });
    this.#zk.on('suspended', this.#onSuspended).on('lost', this.#onSuspended);
  }

  /** How many nodes are in it. */
  get size(): number {
    return this.#tree.size;
  }

  /** Something may be different by now. */
  get stale(): boolean {
    return this.#isStale;
  }

  get(path: string): ZNode<T> | undefined {
    return this.#tree.node(path);
  }

  /** Of a node, of the root of the cache unless another is named: by name. */
  children(path: string = this.path): ReadonlyMap<string, ZNode<T>> {
    return this.#tree.children(path);
  }

  [Symbol.iterator](): IterableIterator<ZNode<T>> {
    return this.#tree.nodes();
  }

  /**
   * What changes from now on; with `initial`, first all that is there, as `created`. A reader that
   * lags is told the difference to what it has seen. Ends with the signal or the cache, and with an
   * error where the cache ends with one.
   */
  changes(
    options: Pick<Abortable, 'signal'> & { readonly initial?: boolean } = {},
  ): AsyncIterableIterator<CacheEvent<T>> {
    const { signal, initial = false } = options;
    const onAbort = (): void => reader.end();
    const reader = new NetChanges<T>(() => {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', onAbort);
    });
    this.#readers.add(reader);
    if (initial) {
      for (const node of this) reader.push({ type: 'created', node });
      if (this.#isInitialized) reader.push({ type: 'initialized' });
      if (this.#isStale) reader.push({ type: 'stale' });
    }
    if (this.#end !== null) reader.end(isClosed(this.#end.error) ? undefined : this.#end.error);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) reader.end();
    return reader;
  }

  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    void this.#follow();
    await untilCalled({ op: 'cache', path: this.path, signal }, (done) => {
      this.#onInitialized = done;
      return () => {
        this.#onInitialized = () => {};
      };
    });
    if (this.#isInitialized) return;
    throw (
      this.#end?.error ??
      new ClientClosedError('Closed', `cache ${this.path}: the client was closed`)
    );
  }

  async #follow(): Promise<void> {
    try {
      await this.#watch.armed;
      this.#isCatchingUp = true;
      this.#readings.add(this.path, true);
      for await (const event of this.#watch) this.#onEvent(event);
      this.#finish(undefined);
    } catch (error) {
      this.#finish(error);
    }
  }

  #onEvent(event: WatchEvent): void {
    if (event.type === 'resync') {
      this.#becomeStale();
      this.#isCatchingUp = true;
      this.#readings.add(this.path, true);
      return;
    }
    const { type, path, zxid } = event;
    if (type === 'children' || !this.#isWanted(path)) return;
    const stat = this.#tree.stat(path);
    if (type === 'deleted') {
      // The next one of this name may have been read already.
      if (zxid !== undefined && stat !== undefined && stat.czxid > zxid) return;
      this.#readings.void(path);
      this.#tree.remove(path);
    } else if (zxid === undefined || stat === undefined || stat.mzxid < zxid) {
      this.#readings.add(path, false);
    }
  }

  async #read(reading: Reading): Promise<void> {
    if (this.#end !== null) return;
    try {
      const raw = await this.#readNode(reading.path);
      if (this.#end !== null || reading.isVoid) return;
      if (raw === null) this.#tree.remove(reading.path);
      else await this.#keep(reading, raw);
    } catch (error) {
      if (isZooKeeperError(error, 'NoAuth') && reading.path !== this.path) {
        this.#tree.remove(reading.path);
        this.#tell({ type: 'invalid', path: reading.path, error });
      } else this.#finish(error);
    }
  }

  async #keep(reading: Reading, raw: RawNode): Promise<void> {
    const { path } = reading;
    const { parent } = splitPath(path);
    if (path !== this.path && !this.#tree.has(parent)) {
      // It comes when the one above it does.
      this.#readings.add(parent, true);
      return;
    }
    if (!this.#tree.put(raw)) reading.isDeep = true;
    if (!reading.isDeep || this.#depthOf(path) >= this.#depth) return;
    if (this.#tree.isListed(path, raw.stat)) this.#descend(path, this.#tree.names(path));
    else await this.#list(path);
  }

  async #list(path: string): Promise<void> {
    const list = await orNull(this.#zk.children(path));
    if (list === null || this.#end !== null) return;
    const names = list.names.filter((name) => this.#isWanted(childPath(path, name)));
    this.#tree.retain(path, new Set(names), list.stat.pzxid);
    this.#descend(path, names);
  }

  #descend(path: string, names: readonly string[]): void {
    for (const name of names) this.#readings.add(childPath(path, name), true);
  }

  #readNode(path: string): Promise<RawNode | null> {
    if (this.#options.keepData !== false) return orNull(this.#zk.get(path));
    return this.#zk
      .exists(path)
      .then((stat: Stat | null) => (stat === null ? null : { path, data: undefined, stat }));
  }

  #isWanted(path: string): boolean {
    if (path === this.path) return true;
    if (this.#depthOf(path) > this.#depth) return false;
    const { filter } = this.#options;
    if (filter === undefined) return true;
    for (let at = path; at !== this.path; at = splitPath(at).parent) if (!filter(at)) return false;
    return true;
  }

  #depthOf(path: string): number {
    if (path === this.path) return 0;
    const below = this.path === '/' ? path : path.slice(this.path.length);
    return below.split('/').length - 1;
  }

  #onIdle(): void {
    if (this.#end !== null || !this.#isCatchingUp) return;
    if (this.#zk.state !== 'connected' && this.#zk.state !== 'read-only') return;
    this.#isCatchingUp = false;
    this.#isStale = false;
    if (this.#isInitialized) {
      this.#tell({ type: 'fresh' });
      return;
    }
    this.#isInitialized = true;
    this.#tell({ type: 'initialized' });
    this.#onInitialized();
  }

  /** Until the watch says what to do about it. */
  #becomeStale(): void {
    if (this.#end !== null) return;
    this.#isCatchingUp = false;
    if (this.#isStale) return;
    this.#isStale = true;
    this.#tell({ type: 'stale' });
  }

  #tell(event: CacheEvent<T>): void {
    if (event.type === 'invalid' && this.#options.onDecodeError === 'skip') return;
    for (const reader of [...this.#readers]) reader.push(event);
  }

  #finish(error: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    this.#isStale = true;
    this.#readings.clear();
    this.#zk.off('suspended', this.#onSuspended).off('lost', this.#onSuspended);
    for (const reader of [...this.#readers]) reader.end(isClosed(error) ? undefined : error);
    this.#onInitialized();
    // A watch that has ended by itself is closed already.
    void this.#watch.close();
  }
}

/** That is no failure of the cache: it ends with its client. */
function isClosed(error: unknown): boolean {
  return isZooKeeperError(error, 'Closed');
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isZooKeeperError(error, 'NoNode')) return null;
    throw error;
  }
}
