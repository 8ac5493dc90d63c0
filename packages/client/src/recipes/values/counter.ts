/**
 * A number that many change, none of whose changes is lost: each is a write that succeeds only if
 * nobody else wrote since it was read. Its bytes are those of Curator's DistributedAtomicLong
 * (`int64`), DistributedAtomicInteger and SharedCount (`int32`), or of kazoo's Counter (`decimal`).
 */
import {
  type Abortable,
  type Codec,
  codecs,
  isZooKeeperError,
  type ZooKeeper,
} from '../../public.ts';
import { isCut } from '../cut.ts';
import { steadily } from '../steady.ts';
import { untilCalled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';

export type CounterEncoding = 'int64' | 'int32' | 'decimal';

export type CountOf<E extends CounterEncoding> = E extends 'int64' ? bigint : number;

export interface Counted<N> {
  readonly before: N;
  readonly after: N;
  /** How often it was tried: more than once where others wrote at the same time. */
  readonly attempts: number;
}

/** The longest pause at random before another try. */
const PAUSE_MS_MAX = 64;

interface Reading {
  readonly value: number | bigint;
  /** Null where there is no node. */
  readonly version: number | null;
  readonly data: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export class Counter<E extends CounterEncoding = 'int64'> {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #codec: Codec<number | bigint>;
  readonly #zero: number | bigint;

  constructor(zk: ZooKeeper, path: string, options: { readonly encoding?: E } = {}) {
    const { encoding = 'int64' } = options;
    this.path = path;
    this.#zk = steadily(zk);
    this.#codec = codecs[encoding as CounterEncoding] as Codec<number | bigint>;
    this.#zero = encoding === 'int64' ? 0n : 0;
  }

  /** Zero where there is no node, or one without data. */
  async get(options: Abortable = {}): Promise<CountOf<E>> {
    return (await this.#read(options)).value as CountOf<E>;
  }

  /**
   * Adds, and subtracts with a negative number. An error with `maybeApplied` says that the answer was
   * lost and that others wrote meanwhile, so that nobody can tell whether it was done.
   */
  add(delta: CountOf<E>, options: Abortable = {}): Promise<Counted<CountOf<E>>> {
    return this.#change('add', options, (value) => sum(value, delta));
  }

  /** Sets it, if it is what is expected; false if it is not. */
  async compareAndSet(
    expected: CountOf<E>,
    next: CountOf<E>,
    options: Abortable = {},
  ): Promise<boolean> {
    let isExpected = false;
    await this.#change('compareAndSet', options, (value) => {
      isExpected = value === expected;
      return isExpected ? next : null;
    });
    return isExpected;
  }

  /**
   * Numbers that nobody else gets: from `from` up to `to`, without it. What is reserved and not used is
   * lost, also where an answer was lost.
   */
  async reserve(
    size: CountOf<E>,
    options: Abortable = {},
  ): Promise<{ readonly from: CountOf<E>; readonly to: CountOf<E> }> {
    return withinLimits('reserve', this.path, options, async (signal) => {
      for (;;) {
        try {
          const { before, after } = await this.add(size, { signal });
          return { from: before, to: after };
        } catch (error) {
          if (!isCut(error)) throw error;
        }
        await this.#zk.ready({ signal });
      }
    });
  }

  #change(
    op: string,
    options: Abortable,
    change: (value: number | bigint) => number | bigint | null,
  ): Promise<Counted<CountOf<E>>> {
    return withinLimits(op, this.path, options, async (signal) => {
      let read = await this.#read({ signal });
      for (let attempts = 1; ; attempts += 1) {
        const after = change(read.value);
        const counted = { before: read.value, after: after ?? read.value, attempts };
        if (after === null) return counted as Counted<CountOf<E>>;
        const found = await this.#write(read, this.#codec.encode(after), signal);
        if (found === null) return counted as Counted<CountOf<E>>;
        await this.#pause(op, attempts, signal);
        read = await this.#read({ signal });
      }
    });
  }

  /** Null if it was written; else somebody else did, or nobody. */
  async #write(
    read: Reading,
    data: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<'again' | null> {
    const { version } = read;
    try {
      if (version === null) await this.#zk.create(this.path, data, { parents: true, signal });
      else await this.#zk.set(this.path, data, { version, signal });
      return null;
    } catch (error) {
      if (isTaken(error)) return 'again';
      if (!isCut(error)) throw error;
      await this.#zk.ready({ signal });
      // Behind a sync, what was sent before the connection broke is done or never will be.
      const now = await this.#read({ signal, sync: true });
      if (isWithout(read, now, data)) return 'again';
      throw error;
    }
  }

  async #read(options: Abortable & { readonly sync?: boolean }): Promise<Reading> {
    try {
      const { data, stat } = await this.#zk.get(this.path, options);
      const isEmpty = data.length === 0;
      const value = isEmpty ? this.#zero : this.#codec.decode(data, { path: this.path, stat });
      return { value, version: stat.version, data };
    } catch (error) {
      if (!isZooKeeperError(error, 'NoNode')) throw error;
      return { value: this.#zero, version: null, data: NOTHING };
    }
  }

  /** Those who were too late do not all come again at once. */
  #pause(op: string, attempts: number, signal: AbortSignal | undefined): Promise<void> {
    const withinMs = Math.random() * Math.min(2 ** attempts, PAUSE_MS_MAX);
    return untilCalled({ op, path: this.path, signal, withinMs }, () => () => {});
  }
}

function sum(value: number | bigint, delta: number | bigint): number | bigint {
  return typeof value === 'bigint' ? value + (delta as bigint) : value + (delta as number);
}

/** Somebody else was quicker. */
function isTaken(error: unknown): boolean {
  return (
    isZooKeeperError(error, 'BadVersion') ||
    isZooKeeperError(error, 'NodeExists') ||
    isZooKeeperError(error, 'NoNode')
  );
}

/** Whether what is there now shows that these bytes were not written over what was read. */
function isWithout(read: Reading, now: Reading, data: Uint8Array): boolean {
  if (now.version === read.version) return true;
  const isNext = now.version === (read.version === null ? 0 : read.version + 1);
  return isNext && !isEqual(now.data, data);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
