/**
 * Connections that wait for a sync. Answers have no name: they come in the order in which was asked,
 * each behind the commits that it waited for, and those have to be applied here first.
 */
import type { Connection } from '../connection.ts';

interface Sync {
  readonly connection: Connection;
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

  ask(connection: Connection): void {
    this.#asked.push({ connection, isReleased: false, zxidHigh: 0, zxidLow: 0 });
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
      if (sync.connection !== connection || sync.isReleased) continue;
      sync.isReleased = true;
      connection.queue.releaseSync();
      return;
    }
  }

  /** Releases whoever has waited for what is applied now; their connections may go on. */
  take(appliedHigh: number, appliedLow: number): readonly Connection[] {
    const released: Connection[] = [];
    for (let next = this.#answered[0]; next !== undefined; next = this.#answered[0]) {
      if (isAhead(next, appliedHigh, appliedLow)) break;
      this.#answered.shift();
      if (next.isReleased) continue;
      next.connection.queue.releaseSync();
      released.push(next.connection);
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
