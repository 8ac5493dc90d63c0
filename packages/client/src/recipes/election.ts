/**
 * One of many leads, the others follow, in the order in which they came. Its nodes are those of
 * Curator's LeaderLatch, or of its LeaderSelector, or of kazoo's Election; the three do not see
 * each other.
 */
import { type Abortable, type Codec, codecs, type ZooKeeper } from '../public.ts';
import { Bell } from './bell.ts';
import { childNames, inOrder, listContenders, readContenders } from './contenders.ts';
import { extendHeld } from './extend-held.ts';
import { type Family, families, type Layout } from './families.ts';
import type { Held, LossPolicy } from './held.ts';
import { Lock } from './lock.ts';
import { recover } from './recover.ts';

export type ElectionLayout = 'curator-latch' | 'curator-selector' | 'kazoo';

export interface ElectionOptions<T> {
  /** Who this is; the others can read it. */
  readonly id: T;
  /** Texts, unless it is given. */
  readonly codec?: Codec<T>;
  readonly layout?: ElectionLayout;
  /** When leadership is taken for lost: `suspect` unless `lost` is said. */
  readonly lossPolicy?: LossPolicy;
}

export interface Leadership<T> extends Held {
  readonly id: T;
  /** The same as `release`. */
  resign(options?: Abortable): Promise<void>;
}

export interface TermOptions extends Abortable {
  /** Stands again when a term is over, until the signal ends it. */
  readonly requeue?: boolean;
}

const kinds: Readonly<Record<ElectionLayout, { layout: Layout; family: Family; name: string }>> = {
  'curator-latch': { layout: 'curator', family: families.curatorLatch, name: 'latch-' },
  'curator-selector': { layout: 'curator', family: families.curatorMutex, name: 'lock-' },
  kazoo: { layout: 'kazoo', family: families.kazooLock, name: '__lock__' },
};

export class Election<T = string> {
  readonly path: string;
  readonly #id: T;
  readonly #codec: Codec<T>;
  readonly #lock: Lock;

  constructor(zk: ZooKeeper, path: string, options: ElectionOptions<T>) {
    const { id, layout = 'curator-latch', lossPolicy = 'suspect' } = options;
    const { name, ...line } = kinds[layout];
    // Without a codec T is string, which only the caller's types can say.
    this.#codec = options.codec ?? (codecs.utf8 as unknown as Codec<T>);
    this.#id = id;
    this.path = path;
    const role = { name, data: this.#codec.encode(id), blocks: () => true };
    this.#lock = new Lock('Election', { zk, path, ...line }, role, { lossPolicy });
  }

  /** Waits until it leads, over broken connections and lost sessions. */
  async campaign(options: Abortable = {}): Promise<Leadership<T>> {
    const held = await this.#lock.acquire(options);
    return extendHeld(held, {
      id: this.#id,
      resign: (own?: Abortable) => held.release(own),
    });
  }

  /**
   * Leads while `body` runs; its signal says when it has to stop. `signal` and `timeout` are for the
   * waiting. What `body` throws after leadership was lost ends its term, if it stands again.
   */
  async run(
    body: (leadership: Leadership<T>) => Promise<void>,
    { requeue = false, ...options }: TermOptions = {},
  ): Promise<void> {
    do {
      const leadership = await this.campaign(options);
      try {
        await body(leadership);
      } catch (error) {
        if (!requeue || !leadership.signal.aborted) throw error;
      } finally {
        await leadership.release();
      }
    } while (requeue && options.signal?.aborted !== true);
  }

  /** Who stands, the leader first. */
  async candidates(options: Abortable = {}): Promise<readonly T[]> {
    const { zk, family } = this.#lock.line;
    const contenders = await listContenders(zk, this.path, family, options);
    return contenders.map((contender) => this.#codec.decode(contender.data, contender));
  }

  /** Who leads, now and whenever it changes; null while nobody does. */
  async *observe({ signal }: Pick<Abortable, 'signal'> = {}): AsyncGenerator<T | null, void, void> {
    const { zk } = this.#lock.line;
    const bell = new Bell(zk);
    const isOver = (): boolean => signal?.aborted === true;
    let last: bigint | null | undefined;
    try {
      while (!isOver()) {
        try {
          if (!bell.isHung) await bell.hang([this.path], signal);
          const leader = await this.#leader(signal);
          const seen = leader === null ? null : leader.czxid;
          if (seen !== last) yield leader === null ? null : leader.id;
          last = seen;
          await bell.heard(this.path, signal);
        } catch (error) {
          if (isOver()) return;
          await recover(zk, error, signal);
        }
      }
    } finally {
      await bell[Symbol.asyncDispose]();
    }
  }

  async #leader(signal: AbortSignal | undefined): Promise<{ id: T; czxid: bigint } | null> {
    const { zk, family } = this.#lock.line;
    for (;;) {
      const [first] = inOrder(family, await childNames(zk, this.path, { signal }));
      if (first === undefined) return null;
      const [leader] = await readContenders(zk, this.path, [first], { signal });
      // It has gone between the two reads.
      if (leader === undefined) continue;
      return { id: this.#codec.decode(leader.data, leader), czxid: leader.stat.czxid };
    }
  }
}
