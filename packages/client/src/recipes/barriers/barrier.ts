/**
 * A node that everybody waits for until it is gone. It is that of Curator's DistributedBarrier and of
 * kazoo's Barrier, which can be mixed.
 */
import { type Abortable, isZooKeeperError, type ZooKeeper } from '../../public.ts';
import { isCut } from '../cut.ts';
import { Ear } from '../ear.ts';
import { steadily } from '../steady.ts';
import { untilCalled, untilSettled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';

export class Barrier {
  readonly path: string;
  readonly #zk: ZooKeeper;

  constructor(zk: ZooKeeper, path: string) {
    this.path = path;
    this.#zk = steadily(zk);
  }

  /** False if it is set already. */
  async set(options: Abortable = {}): Promise<boolean> {
    return withinLimits('set', this.path, options, async (signal) => {
      let wasLost = false;
      for (;;) {
        try {
          await this.#zk.create(this.path, '', { parents: 'container', signal });
          return true;
        } catch (error) {
          // Whether it was ours, nobody can tell; it is set.
          if (isZooKeeperError(error, 'NodeExists')) return wasLost;
          if (!isCut(error)) throw error;
          wasLost = true;
        }
        await this.#zk.ready({ signal });
      }
    });
  }

  /** Lets everybody go. False if it is not set. */
  async lift(options: Abortable = {}): Promise<boolean> {
    return withinLimits('lift', this.path, options, async (signal) => {
      let wasLost = false;
      for (;;) {
        try {
          const isLifted = await this.#zk.delete(this.path, { missingOk: true, signal });
          return isLifted || wasLost;
        } catch (error) {
          if (!isCut(error)) throw error;
          wasLost = true;
        }
        await this.#zk.ready({ signal });
      }
    });
  }

  /** Resolves when it is not set. */
  async wait(options: Abortable = {}): Promise<void> {
    await withinLimits('wait', this.path, options, async (signal) => {
      const ear = new Ear(this.#zk, [this.path], ['deleted']);
      try {
        await untilSettled(ear.open(), { op: 'wait', path: this.path, signal });
        for (;;) {
          const { heard } = ear;
          if ((await this.#zk.exists(this.path, { signal })) === null) return;
          await untilCalled({ op: 'wait', path: this.path, signal }, (done) =>
            ear.onNext(heard, done),
          );
        }
      } finally {
        ear.close();
      }
    });
  }
}
