/**
 * A value that many see and any of them may set: here as it was heard of last. With `codecs.int32` its
 * node is that of Curator's SharedCount, with bytes that of its SharedValue.
 */
import {
  type Abortable,
  ClientClosedError,
  type Codec,
  isZooKeeperError,
  observe,
  type ZNode,
  type ZooKeeper,
} from '../../public.ts';
import { isCut } from '../cut.ts';
import { Newest } from '../newest.ts';
import { steadily } from '../steady.ts';
import { untilCalled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';

export interface SharedValueOptions<T> extends Abortable {
  readonly codec: Codec<T>;
  /** What is written where there is no node. */
  readonly seed: T;
}

/** Of a node that is not there. */
const NO_VERSION = -1;

export class SharedValue<T> implements AsyncDisposable {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #codec: Codec<T>;
  readonly #ended = new AbortController();
  readonly #changes = new Newest<T>();
  #value: T;
  #version = NO_VERSION;
  #mzxid = -1n;
  #onFirst: () => void = () => {};
  #end: { readonly error: unknown } | null = null;

  static async open<T>(
    zk: ZooKeeper,
    path: string,
    options: SharedValueOptions<T>,
  ): Promise<SharedValue<T>> {
    const shared = new SharedValue<T>(zk, path, options);
    try {
      await withinLimits('sharedValue', path, options, (signal) => shared.#begin(signal));
    } catch (error) {
      shared.#finish(error);
      throw error;
    }
    return shared;
  }

  private constructor(zk: ZooKeeper, path: string, { codec, seed }: SharedValueOptions<T>) {
    this.path = path;
    this.#zk = steadily(zk);
    this.#codec = codec;
    this.#value = seed;
  }

  /** As it was heard of last. */
  get value(): T {
    return this.#value;
  }

  /** Of the value; -1 while there is no node. */
  get version(): number {
    return this.#version;
  }

  /** Whatever it was before. */
  async set(value: T, options: Abortable = {}): Promise<void> {
    const data = this.#codec.encode(value);
    await withinLimits('set', this.path, options, async (signal) => {
      for (;;) {
        try {
          const { stat } = await this.#zk.create(this.path, data, {
            parents: true,
            orSet: true,
            signal,
          });
          this.#take({ path: this.path, data: value, stat });
          return;
        } catch (error) {
          if (!isCut(error)) throw error;
        }
        await this.#zk.ready({ signal });
      }
    });
  }

  /** Only if nobody has set it since the version that was seen; false if somebody has. */
  async trySet(
    value: T,
    options: Abortable & { readonly ifVersion?: number } = {},
  ): Promise<boolean> {
    const { ifVersion = this.#version, signal, timeout } = options;
    const data = this.#codec.encode(value);
    try {
      const stat =
        ifVersion === NO_VERSION
          ? (await this.#zk.create(this.path, data, { parents: true, signal, timeout })).stat
          : await this.#zk.set(this.path, data, { version: ifVersion, signal, timeout });
      this.#take({ path: this.path, data: value, stat });
      return true;
    } catch (error) {
      if (!isZooKeeperError(error) || !late.has(error.code)) throw error;
      await this.#look({ signal, timeout });
      return false;
    }
  }

  /** The newest value whenever it has changed; values in between may be skipped. */
  changes(options: Pick<Abortable, 'signal'> = {}): AsyncIterableIterator<T> {
    return this.#changes.reader(options);
  }

  async close(): Promise<void> {
    this.#finish(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    const seed = this.#codec.encode(this.#value);
    for (;;) {
      try {
        await this.#zk.create(this.path, seed, { parents: true, signal });
        break;
      } catch (error) {
        if (isZooKeeperError(error, 'NodeExists')) break;
        if (!isCut(error)) throw error;
      }
      await this.#zk.ready({ signal });
    }
    const first = untilCalled({ op: 'sharedValue', path: this.path, signal }, (done) => {
      this.#onFirst = done;
      return () => {};
    });
    void this.#follow();
    await first;
    if (this.#end === null) return;
    throw (
      this.#end.error ?? new ClientClosedError('Closed', `sharedValue ${this.path}: it was closed`)
    );
  }

  async #follow(): Promise<void> {
    try {
      const { signal } = this.#ended;
      for await (const node of observe(this.#zk, this.path, this.#codec, { signal })) {
        if (node === null) this.#version = NO_VERSION;
        else this.#take(node);
        this.#onFirst();
      }
      this.#finish(undefined);
    } catch (error) {
      this.#finish(error);
    }
  }

  async #look(options: Abortable): Promise<void> {
    try {
      const node = await this.#zk.get(this.path, options);
      this.#take({ ...node, data: this.#codec.decode(node.data, node) });
    } catch (error) {
      if (!isZooKeeperError(error, 'NoNode')) throw error;
      this.#version = NO_VERSION;
    }
  }

  /** It never goes back to an older one. */
  #take({ data, stat }: ZNode<T>): void {
    if (stat.mzxid <= this.#mzxid) return;
    this.#mzxid = stat.mzxid;
    this.#version = stat.version;
    this.#value = data;
    this.#changes.push(data);
  }

  #finish(error: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error: isZooKeeperError(error, 'Closed') ? undefined : error };
    this.#ended.abort();
    this.#onFirst();
    this.#changes.end(this.#end.error);
  }
}

const late = new Set<unknown>(['BadVersion', 'NodeExists', 'NoNode']);
