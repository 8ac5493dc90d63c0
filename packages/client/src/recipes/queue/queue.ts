/**
 * Items that are put by some and taken by others, each by one at a time, until it is acknowledged. The
 * nodes are those of Curator's and kazoo's queues, so that programs with those libraries may put and
 * take as well.
 */
import { type Abortable, type Codec, isZooKeeperError, op, type ZooKeeper } from '../../public.ts';
import { childPath } from '../child-path.ts';
import { Ear } from '../ear.ts';
import { steadily } from '../steady.ts';
import { untilCalled, untilSettled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';
import { Claim } from './claim.ts';
import { type QueueItem, TakenItem, TakenNode } from './queue-item.ts';
import {
  type ItemName,
  type PutOptions,
  type QueueKind,
  QueueLayout,
  type QueueLayoutName,
} from './queue-layout.ts';

export interface QueueOptions<T> {
  readonly codec: Codec<T>;
  /** Whose queues it shares: `curator` unless another is named. */
  readonly layout?: QueueLayoutName | undefined;
  readonly kind?: QueueKind | undefined;
  /**
   * Where consumers claim what they have taken, the same for all of them; Curator's have to be given it
   * as their lock path. `<path>-locks` unless it is given.
   */
  readonly lockPath?: string | undefined;
  /** Whoever puts waits while there are so many. Several who put at once may exceed it. */
  readonly maxItems?: number | undefined;
}

export interface ConsumeOptions extends Abortable {
  /** How many items are handled at a time; one unless it is given. */
  readonly concurrency?: number | undefined;
  /** What becomes of an item whose handler fails: it comes again behind all others, or it is gone. */
  readonly onError?: 'requeue' | 'drop' | undefined;
}

export type Handler<T> = (
  item: T,
  context: { readonly id: string; readonly signal: AbortSignal },
) => Promise<void>;

export class Queue<T> {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #codec: Codec<T>;
  readonly #layout: QueueLayout;
  readonly #maxItems: number;
  readonly #ear: Ear;
  /** Nodes that were found and not taken yet, and what had been heard before they were found. */
  #stock: ItemName[] = [];
  #stockHeard = -1;
  #listing: Promise<void> | null = null;
  /** Items of a node that was taken. */
  readonly #taken: QueueItem<T>[] = [];
  /** Names of nodes that this queue has, or cannot read. */
  readonly #own = new Set<string>();
  readonly #unreadable = new Set<string>();
  #isChecked = false;

  constructor(zk: ZooKeeper, path: string, options: QueueOptions<T>) {
    const { codec, layout = 'curator', kind = 'fifo', lockPath } = options;
    this.path = path;
    this.#zk = steadily(zk);
    this.#codec = codec;
    this.#layout = new QueueLayout(path, layout, kind, lockPath);
    this.#maxItems = options.maxItems ?? Number.POSITIVE_INFINITY;
    const paths = [this.#layout.itemsAt, this.#layout.claimsAt];
    this.#ear = new Ear(this.#zk, paths, ['created', 'children', 'deleted']);
  }

  /** The id of the item. An error with `maybeApplied` says that it may be in the queue, or not. */
  async put(value: T, options: Abortable & PutOptions = {}): Promise<string> {
    const [id] = await this.#put([value], options);
    return id!;
  }

  /** All of them or, if it fails, none. */
  putAll(values: readonly T[], options: Abortable & PutOptions = {}): Promise<readonly string[]> {
    return this.#put(values, options);
  }

  /** Waits for an item. */
  take(options: Abortable = {}): Promise<QueueItem<T>> {
    return withinLimits('take', this.path, options, async (signal) => {
      const item = await this.#next(signal);
      return item ?? this.#listened(signal, () => this.#waitFor(signal));
    });
  }

  /** Null if there is nothing to take now. */
  poll(options: Abortable = {}): Promise<QueueItem<T> | null> {
    return withinLimits('poll', this.path, options, (signal) => this.#next(signal));
  }

  /** One item after the other, each to be acknowledged, until the signal aborts. */
  async *items(options: Pick<Abortable, 'signal'> = {}): AsyncGenerator<QueueItem<T>, void> {
    for (;;) {
      const item = await this.take(options).catch((error) => {
        if (options.signal?.aborted === true) return null;
        throw error;
      });
      if (item === null) return;
      yield item;
    }
  }

  /**
   * Hands items to a function, and acknowledges each when it is done, until the signal aborts: then
   * it resolves when what is being handled is done.
   */
  async consume(handler: Handler<T>, options: ConsumeOptions = {}): Promise<void> {
    const { concurrency = 1, onError = 'requeue' } = options;
    const failed = new AbortController();
    await withinLimits('consume', this.path, options, async (given) => {
      const signal = given === undefined ? failed.signal : AbortSignal.any([given, failed.signal]);
      await this.#listened(signal, async () => {
        const workers = Array.from({ length: concurrency }, () =>
          this.#work(handler, onError, signal).catch((error) => {
            failed.abort();
            throw error;
          }),
        );
        const ends = await Promise.allSettled(workers);
        for (const end of ends) if (end.status === 'rejected') throw end.reason;
      });
    }).catch((error) => {
      const isAsked = options.signal?.aborted === true || isZooKeeperError(error, 'RequestTimeout');
      if (!isAsked || failed.signal.aborted) throw error;
    });
  }

  /** Takes items out of the queue by their id, whoever has them. How many there were. */
  async remove(id: string, options: Abortable = {}): Promise<number> {
    const items = this.#layout.inOrder(await this.#names(this.#layout.itemsAt, options));
    let count = 0;
    for (const item of items.filter((candidate) => candidate.id === id)) {
      const path = childPath(this.#layout.itemsAt, item.name);
      if (await this.#zk.delete(path, { ...options, missingOk: true })) count += 1;
    }
    return count;
  }

  /** Of nodes, those that are being handled as well. */
  async size(options: Abortable = {}): Promise<number> {
    return this.#layout.inOrder(await this.#names(this.#layout.itemsAt, options)).length;
  }

  async #put(values: readonly T[], options: Abortable & PutOptions): Promise<string[]> {
    const id = this.#layout.kind === 'id' ? (options.id ?? crypto.randomUUID()) : options.id;
    const prefix = this.#layout.prefixOf({ ...options, id });
    const path = childPath(this.#layout.itemsAt, prefix);
    const data = values.map((value) => this.#layout.encode([this.#codec.encode(value)]));
    return withinLimits('put', this.path, options, async (signal) => {
      if (!this.#isChecked) await this.#check(signal);
      await this.#untilThereIsRoom(signal);
      const names = await this.#create(path, data, signal);
      return names.map((name) => id ?? name);
    });
  }

  async #create(
    path: string,
    data: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<string[]> {
    const ops = data.map((bytes) => op.create(path, bytes, { sequential: true }));
    for (;;) {
      try {
        return (await this.#zk.multi(ops, { signal })).map(({ name }) => name);
      } catch (error) {
        if (!isZooKeeperError(error, 'NoNode')) throw error;
      }
      await this.#zk.ensurePath(this.#layout.itemsAt, { signal });
    }
  }

  /** Nodes of another layout would never be seen by those who use this one. */
  async #check(signal: AbortSignal | undefined): Promise<void> {
    const { itemsAt } = this.#layout;
    for (const path of new Set([this.path, itemsAt])) {
      const names = await this.#names(path, { signal });
      const own = path === itemsAt ? [] : ['entries', 'taken'];
      if (path === itemsAt) this.#layout.inOrder(names);
      else for (const name of names) if (!own.includes(name)) this.#layout.refuse(name);
    }
    this.#isChecked = true;
  }

  async #untilThereIsRoom(signal: AbortSignal | undefined): Promise<void> {
    if (await this.#hasRoom(signal)) return;
    await this.#listened(signal, async () => {
      for (;;) {
        const { heard } = this.#ear;
        if (await this.#hasRoom(signal)) return;
        await untilCalled({ op: 'put', path: this.path, signal }, (done) =>
          this.#ear.onNext(heard, done),
        );
      }
    });
  }

  async #hasRoom(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#maxItems === Number.POSITIVE_INFINITY) return true;
    const stat = await this.#zk.exists(this.#layout.itemsAt, { signal });
    return stat === null || stat.numChildren < this.#maxItems;
  }

  async #work(
    handler: Handler<T>,
    onError: 'requeue' | 'drop',
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const item = await this.#taking(signal);
      if (item === null) return;
      const isDone = await handler(item.value, { id: item.id, signal: item.signal }).then(
        () => true,
        () => false,
      );
      if (isDone || onError === 'drop') await item.ack();
      else await item.requeue();
    }
  }

  /** Null when its caller gave up. */
  async #taking(signal: AbortSignal): Promise<QueueItem<T> | null> {
    if (signal.aborted) return null;
    try {
      return await this.#waitFor(signal);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async #waitFor(signal: AbortSignal | undefined): Promise<QueueItem<T>> {
    for (;;) {
      const { heard } = this.#ear;
      const item = await this.#next(signal);
      if (item !== null) return item;
      const dueMs = this.#stock[0]?.dueMs;
      const due = dueMs === undefined ? {} : { withinMs: Math.max(0, dueMs - Date.now()) };
      await untilCalled({ op: 'take', path: this.path, signal, ...due }, (done) =>
        this.#ear.onNext(heard, done),
      );
    }
  }

  async #listened<R>(signal: AbortSignal | undefined, body: () => Promise<R>): Promise<R> {
    try {
      await untilSettled(this.#ear.open(), { op: 'take', path: this.path, signal });
      return await body();
    } finally {
      this.#ear.close();
    }
  }

  /** What can be taken now. */
  async #next(signal: AbortSignal | undefined): Promise<QueueItem<T> | null> {
    for (let isFresh = false; ; ) {
      const taken = this.#taken.shift();
      if (taken !== undefined) return taken;
      if (!isFresh && !this.#isStockGood()) {
        await this.#restock(signal);
        isFresh = true;
      }
      const name = this.#stock[0];
      if (name === undefined || name.dueMs > Date.now()) {
        if (isFresh) return null;
        this.#stockHeard = -1;
        continue;
      }
      this.#stock.shift();
      await this.#take(name, signal);
    }
  }

  /** A later item may belong before those that were found. */
  #isStockGood(): boolean {
    if (this.#stock.length === 0 || this.#stockHeard < 0) return false;
    return this.#layout.isInOrder || (this.#ear.isOpen && this.#stockHeard === this.#ear.heard);
  }

  async #restock(signal: AbortSignal | undefined): Promise<void> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = null;
    });
    await untilSettled(this.#listing, { op: 'take', path: this.path, signal });
  }

  async #list(): Promise<void> {
    const { itemsAt, claimsAt } = this.#layout;
    if (!this.#isChecked) await this.#check(undefined);
    const { heard } = this.#ear;
    const [names, claims] = await Promise.all([
      this.#names(itemsAt, {}),
      this.#names(claimsAt, {}),
    ]);
    const taken = new Set(claims);
    for (const name of this.#unreadable) if (!names.includes(name)) this.#unreadable.delete(name);
    this.#stock = this.#layout
      .inOrder(names)
      .filter(
        ({ name }) => !taken.has(name) && !this.#own.has(name) && !this.#unreadable.has(name),
      );
    this.#stockHeard = heard;
  }

  async #take(item: ItemName, signal: AbortSignal | undefined): Promise<void> {
    const { name, id } = item;
    const { itemsAt, claimsAt } = this.#layout;
    const paths = { item: childPath(itemsAt, name), claim: childPath(claimsAt, name) };
    this.#own.add(name);
    let claim: Claim | null = null;
    let isTaken = false;
    try {
      claim = await Claim.make(this.#zk, paths, signal);
      if (claim === null) return;
      const node = await this.#zk.get(paths.item, { signal });
      claim.version = node.stat.version;
      const pieces = this.#layout.decode(node.data, paths.item);
      const values = pieces.map((bytes) => this.#decode(bytes, node));
      const taken = new TakenNode(pieces, {
        claim,
        prefixPath: childPath(itemsAt, item.prefix),
        encode: (items) => this.#layout.encode(items),
        onEnd: () => this.#own.delete(name),
      });
      for (const [i, value] of values.entries()) {
        this.#taken.push(new TakenItem(taken, id, value, pieces[i]!));
      }
      isTaken = true;
      if (pieces.length === 0) await claim.finish([], { signal });
      isTaken = pieces.length > 0;
    } catch (error) {
      if (isZooKeeperError(error, 'NoNode')) return;
      if (isZooKeeperError(error, 'BadValue')) this.#unreadable.add(name);
      throw error;
    } finally {
      if (!isTaken) {
        this.#own.delete(name);
        // Nobody waits for this: others may have the item as soon as it is done.
        void claim?.release().catch(() => {});
      }
    }
  }

  #decode(bytes: Parameters<Codec<T>['decode']>[0], at: Parameters<Codec<T>['decode']>[1]): T {
    return this.#codec.decode(bytes, at);
  }

  async #names(path: string, options: Abortable): Promise<readonly string[]> {
    try {
      return (await this.#zk.children(path, options)).names;
    } catch (error) {
      if (isZooKeeperError(error, 'NoNode')) return [];
      throw error;
    }
  }
}
