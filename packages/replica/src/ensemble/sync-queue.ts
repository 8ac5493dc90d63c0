/**
 * Who waits for a sync: connections, and a leader that doubts what it knows of a session. Answers have
 * no name: they come in the order in which was asked, each behind the commits that it waited for, and
 * those have to be applied here first.
 */
import type { RevalidateAsk } from '@zabra/wire';
import { Connection } from '../connection.ts';

/** A session that its leader does not know, though somebody has come with it. */
export interface Doubt {
  /** Whoever came is a client of the leader's, or else of this learner. */
  readonly client: Connection | number;
  readonly ask: RevalidateAsk;
}

interface Sync {
  readonly waiter: Connection | Doubt;
  /** Its connection does not wait for it any more. */
  isReleased: boolean;
  /** The last commit that was heard of before its answer. */
  zxidHigh: number;
  zxidLow: number;
}

export class SyncQueue {
  #asked: Sync[] = [];
  /** The leader has answered; what it had committed by then is to be applied. */
  #answered: Sync[] = [];

  ask(waiter: Connection | Doubt): void {
    this.#asked.push({ waiter, isReleased: false, zxidHigh: 0, zxidLow: 0 });
  }

  /** The oldest is answered; this is the last commit that was heard of. */
  onSynced(zxidHigh: number, zxidLow: number): void {
    const sync = this.#asked.shift();
    if (sync === undefined) return;
    sync.zxidHigh = zxidHigh;
    sync.zxidLow = zxidLow;
    this.#answered.push(sync);
  }

  /** The first one of this connection is over, whatever the leader has still to say. */
  release(connection: Connection): void {
    for (const sync of [...this.#answered, ...this.#asked]) {
      if (sync.waiter !== connection || sync.isReleased) continue;
      sync.isReleased = true;
      connection.queue.releaseSync();
      return;
    }
  }

  /** Releases whoever has waited for what is applied now; they may go on. */
  take(appliedHigh: number, appliedLow: number): readonly (Connection | Doubt)[] {
    const released: (Connection | Doubt)[] = [];
    for (let next = this.#answered[0]; next !== undefined; next = this.#answered[0]) {
      if (isAhead(next, appliedHigh, appliedLow)) break;
      this.#answered.shift();
      if (next.isReleased) continue;
      const { waiter } = next;
      if (waiter instanceof Connection) waiter.queue.releaseSync();
      released.push(waiter);
    }
    return released;
  }

  /** Nobody waits any more. */
  clear(): void {
    this.#asked = [];
    this.#answered = [];
  }
}

function isAhead({ zxidHigh, zxidLow }: Sync, appliedHigh: number, appliedLow: number): boolean {
  return zxidHigh === appliedHigh ? zxidLow >>> 0 > appliedLow >>> 0 : zxidHigh > appliedHigh;
}
