/**
 * So many at a time. Whoever comes takes a gate, a mutex, and behind it waits until there are leases
 * enough: so only one at a time watches them, and who wants many is not overtaken by those who want
 * few. The nodes are those of Curator's InterProcessSemaphoreV2, or with the layout `kazoo` those
 * of kazoo's Semaphore.
 */
import { type Abortable, type Created, type ZooKeeper, ZooKeeperError } from '../public.ts';
import { Bell } from './bell.ts';
import { childPath } from './child-path.ts';
import { type Contender, childNames, readContenders } from './contenders.ts';
import { extendHeld } from './extend-held.ts';
import { marks, parents } from './families.ts';
import { type Held, holdWhile } from './held.ts';
import { Hold } from './hold.ts';
import { JointHold } from './joint-hold.ts';
import { agreeOnLimit } from './kazoo-limit.ts';
import type { Place } from './line.ts';
import type { LockOptions } from './lock.ts';
import { Mutex } from './mutex.ts';
import { OwnedNode } from './owned-node.ts';
import { recover } from './recover.ts';
import { SharedCount } from './shared-count.ts';
import { told } from './told.ts';
import { withinLimits } from './within-limits.ts';

export interface Lease extends Held {
  /** How many of the semaphore's it takes. */
  readonly count: number;
}

export interface LeaseOptions extends Abortable {
  /** How many at once: 1 unless it is said. */
  readonly count?: number;
}

export type SemaphoreOptions = Omit<LockOptions, 'onRevoke'>;

export class Semaphore {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #leases: number | SharedCount;
  readonly #options: SemaphoreOptions;
  readonly #isKazoo: boolean;
  /** Below which the leases are. */
  readonly #parent: string;
  readonly #gate: Mutex;

  /** All programs have to say the same number, or the same count. */
  constructor(
    zk: ZooKeeper,
    path: string,
    leases: number | SharedCount,
    options: SemaphoreOptions = {},
  ) {
    const { layout = 'curator', acl } = options;
    this.#isKazoo = layout === 'kazoo';
    if (this.#isKazoo && typeof leases !== 'number') {
      throw badArguments(path, 'kazoo knows no leases that can change');
    }
    this.path = path;
    this.#zk = zk;
    this.#leases = leases;
    this.#options = options;
    this.#parent = this.#isKazoo ? path : childPath(path, 'leases');
    const gatePath = this.#isKazoo ? `${path}-__lock__` : childPath(path, 'locks');
    const gateOptions = acl === undefined ? { layout } : { layout, acl };
    this.#gate = new Mutex(zk, gatePath, { ...gateOptions, lossPolicy: 'lost' });
  }

  async acquire(options: LeaseOptions = {}): Promise<Lease> {
    return (await this.#acquire('acquire', true, options))!;
  }

  /** Null if there are not so many leases at once. */
  tryAcquire(options: LeaseOptions = {}): Promise<Lease | null> {
    return this.#acquire('tryAcquire', false, options);
  }

  async run<R>(body: (lease: Lease) => Promise<R>, options: LeaseOptions = {}): Promise<R> {
    return holdWhile(await this.acquire(options), body);
  }

  /** Those that are taken; of who waits, the next one's may be among them. */
  async leases(options: Abortable = {}): Promise<readonly Contender[]> {
    const names = await childNames(this.#zk, this.#parent, options);
    return readContenders(this.#zk, this.#parent, [...names].sort(), options);
  }

  async #acquire(op: string, mayWait: boolean, options: LeaseOptions): Promise<Lease | null> {
    const { count = 1 } = options;
    const { path } = this;
    if (!Number.isInteger(count) || count < 1) throw badArguments(path, 'count is at least 1');
    if (typeof this.#leases === 'number' && count > this.#leases) {
      throw badArguments(path, `there are only ${this.#leases} leases`);
    }
    return told(this.#zk, 'Semaphore', op, path, () =>
      withinLimits(op, path, options, async (signal) => {
        const gate = mayWait
          ? await this.#gate.acquire({ signal })
          : await this.#gate.tryAcquire({ signal });
        if (gate === null) return null;
        try {
          return await this.#behindGate(count, mayWait, signal);
        } finally {
          await gate.release();
        }
      }),
    );
  }

  async #behindGate(
    count: number,
    mayWait: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Lease | null> {
    const { lossPolicy } = this.#options;
    const taken: Place[] = [];
    try {
      const isEnough = this.#isKazoo
        ? await this.#takeWhenFree(count, mayWait, taken, signal)
        : await this.#takeAndWait(count, mayWait, taken, signal);
      if (isEnough) {
        const zk = this.#zk;
        const holds = taken.map((place) => Hold.of(new OwnedNode(place, { zk, lossPolicy })));
        return extendHeld(new JointHold(holds), { count });
      }
    } catch (error) {
      void this.#giveBack(taken);
      throw error;
    }
    await this.#giveBack(taken);
    return null;
  }

  /** Curator's way: the lease is there first, and counts when there are no more than there may be. */
  async #takeAndWait(
    count: number,
    mayWait: boolean,
    taken: Place[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    return this.#untilRoom(mayWait, signal, async () => {
      await this.#take(count, taken, signal);
      const names = new Set(await childNames(this.#zk, this.#parent, { signal }));
      const missing = taken.findIndex(({ name }) => !names.has(name));
      if (missing >= 0) {
        taken.splice(missing, 1);
        return 'again';
      }
      return names.size <= (await this.#limit(signal)) ? 'room' : 'full';
    });
  }

  /** kazoo's way: the lease is made when there is room for it, which the gate keeps. */
  async #takeWhenFree(
    count: number,
    mayWait: boolean,
    taken: Place[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    return this.#untilRoom(mayWait, signal, async () => {
      const limit = await this.#limit(signal);
      const names = await childNames(this.#zk, this.#parent, { signal });
      if (names.length - taken.length + count > limit) return 'full';
      await this.#take(count, taken, signal);
      return 'room';
    });
  }

  /** Looks again after each change, and over broken connections and lost sessions. */
  async #untilRoom(
    mayWait: boolean,
    signal: AbortSignal | undefined,
    look: () => Promise<'room' | 'full' | 'again'>,
  ): Promise<boolean> {
    const bell = new Bell(this.#zk);
    const parent = this.#parent;
    const paths = typeof this.#leases === 'number' ? [parent] : [parent, this.#leases.path];
    try {
      for (;;) {
        try {
          const outcome = await look();
          if (outcome === 'room' && this.#zk.state === 'connected') return true;
          if (outcome === 'room') await this.#zk.ready({ signal });
          if (outcome !== 'full') continue;
          if (!mayWait) return false;
          if (bell.isHung) await bell.heard(this.path, signal);
          else await bell.hang(paths, signal);
        } catch (error) {
          await recover(this.#zk, error, signal);
        }
      }
    } finally {
      void bell[Symbol.asyncDispose]();
    }
  }

  /** Until there are `count` of this session; those of a session that is over are given back. */
  async #take(count: number, taken: Place[], signal: AbortSignal | undefined): Promise<void> {
    const isOfThisSession = ({ sessionId }: Place): boolean => sessionId === this.#zk.session?.id;
    if (!taken.every(isOfThisSession)) void this.#giveBack(taken.splice(0));
    while (taken.length < count) taken.push(await this.#create(signal));
  }

  async #create(signal: AbortSignal | undefined): Promise<Place> {
    const { layout = 'curator', data, acl } = this.#options;
    const name = this.#isKazoo ? '' : 'lease-';
    const {
      path,
      name: own,
      stat,
    }: Created = await this.#zk.create(childPath(this.#parent, name), data, {
      mode: 'ephemeral',
      sequential: !this.#isKazoo,
      protect: marks[layout](),
      parents: parents[layout],
      acl,
      signal,
    });
    return { path, name: own, czxid: stat.czxid, sessionId: stat.ephemeralOwner };
  }

  async #limit(signal: AbortSignal | undefined): Promise<number> {
    if (this.#leases instanceof SharedCount) return this.#leases.get({ signal });
    if (this.#isKazoo) await agreeOnLimit(this.#zk, this.path, this.#leases, signal);
    return this.#leases;
  }

  async #giveBack(places: readonly Place[]): Promise<void> {
    const deletes = places.map(({ path }) =>
      this.#zk.delete(path, { missingOk: true, guaranteed: true }).catch(() => {}),
    );
    await Promise.all(deletes);
  }
}

function badArguments(path: string, why: string): ZooKeeperError {
  return new ZooKeeperError('BadArguments', `semaphore ${path}: ${why} (BadArguments)`, { path });
}
