/**
 * One at a time, in the order in which they came. Its nodes are those of Curator's InterProcessMutex
 * and of go-zookeeper's lock, or with the layout `kazoo` those of kazoo's Lock.
 */
import type { Abortable, ZooKeeper } from '../public.ts';
import type { Contender } from './contenders.ts';
import { families } from './families.ts';
import { type Held, holdWhile } from './held.ts';
import { Lock, type LockOptions } from './lock.ts';
import type { AcquireOptions, Lockable } from './lockable.ts';

export class Mutex implements Lockable<Held> {
  readonly path: string;
  readonly #lock: Lock;

  constructor(zk: ZooKeeper, path: string, options: LockOptions = {}) {
    const { layout = 'curator', data, acl } = options;
    const isCurator = layout === 'curator';
    const family = isCurator ? families.curatorMutex : families.kazooLock;
    const role = { name: isCurator ? 'lock-' : '__lock__', data, blocks: () => true };
    this.path = path;
    this.#lock = new Lock('Mutex', { zk, path, layout, family, acl }, role, options);
  }

  /** Waits for its turn, over broken connections and lost sessions. */
  acquire(options: AcquireOptions = {}): Promise<Held> {
    return this.#lock.acquire(options);
  }

  tryAcquire(options: AcquireOptions = {}): Promise<Held | null> {
    return this.#lock.tryAcquire(options);
  }

  async run<R>(body: (held: Held) => Promise<R>, options: AcquireOptions = {}): Promise<R> {
    return holdWhile(await this.acquire(options), body);
  }

  contenders(options: Abortable = {}): Promise<readonly Contender[]> {
    return this.#lock.contenders(options);
  }
}
