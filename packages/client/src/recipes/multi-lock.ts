/**
 * Several locks as one, taken in the order in which they are listed and all released if one cannot be
 * had. Two programs that list the same locks in different orders can wait for each other: list them
 * in one order everywhere.
 */
import { type Abortable, ZooKeeperError } from '../public.ts';
import type { Contender } from './contenders.ts';
import { type Held, holdWhile } from './held.ts';
import { JointHold, releaseAll } from './joint-hold.ts';
import type { AcquireOptions, Lockable } from './lockable.ts';
import { withinLimits } from './within-limits.ts';

export class MultiLock implements Lockable<Held> {
  readonly #locks: readonly Lockable[];

  constructor(locks: readonly Lockable[]) {
    if (locks.length === 0) {
      throw new ZooKeeperError('BadArguments', 'MultiLock: there is no lock in it (BadArguments)');
    }
    this.#locks = locks;
  }

  async acquire(options: AcquireOptions = {}): Promise<Held> {
    return (await this.#collect('acquire', options, (lock, own) => lock.acquire(own)))!;
  }

  tryAcquire(options: AcquireOptions = {}): Promise<Held | null> {
    return this.#collect('tryAcquire', options, (lock, own) => lock.tryAcquire(own));
  }

  async run<R>(body: (held: Held) => Promise<R>, options: AcquireOptions = {}): Promise<R> {
    return holdWhile(await this.acquire(options), body);
  }

  /** Of all of the locks. */
  async contenders(options: Abortable = {}): Promise<readonly Contender[]> {
    const lists = await Promise.all(this.#locks.map((lock) => lock.contenders(options)));
    return lists.flat();
  }

  /** The time that is given is for all of them together. */
  #collect(
    op: string,
    options: AcquireOptions,
    take: (lock: Lockable, own: AcquireOptions) => Promise<Held | null>,
  ): Promise<Held | null> {
    const { within } = options;
    const parts: Held[] = [];
    return withinLimits(op, '', options, async (signal) => {
      try {
        for (const [i, lock] of this.#locks.entries()) {
          const inner = within instanceof JointHold ? within.parts[i] : within;
          const part = await take(lock, { signal, within: inner });
          if (part === null) {
            await releaseAll(parts);
            return null;
          }
          parts.push(part);
        }
        return new JointHold(parts);
      } catch (error) {
        await releaseAll(parts).catch(() => {});
        throw error;
      }
    });
  }
}
