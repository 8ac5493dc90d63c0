/** What a program can wait for until it is its own. */
import type { Abortable } from '../public.ts';
import type { Contender } from './contenders.ts';
import type { Held } from './held.ts';

export interface AcquireOptions extends Abortable {
  /** A handle on the same lock: who has it need not wait, and gets another. */
  readonly within?: Held | undefined;
}

export interface Lockable<H extends Held = Held> {
  /** Waits for its turn, over broken connections and lost sessions. */
  acquire(options?: AcquireOptions): Promise<H>;
  /** Null if it is not to be had at once. */
  tryAcquire(options?: AcquireOptions): Promise<H | null>;
  /** Holds it while `body` runs, and releases it whatever comes of that. */
  run<R>(body: (held: H) => Promise<R>, options?: AcquireOptions): Promise<R>;
  /** Those who hold it or wait for it, the first in line first. */
  contenders(options?: Abortable): Promise<readonly Contender[]>;
}
