/**
 * Whether an append waits for company. Clients that were just answered ask again within moments; an
 * append that leaves without them lets them wait for a whole sync, and the next one for the others:
 * they would stay two crowds for ever. So the append behind a sync waits for as many writes more as
 * that sync carried, for a fraction of its time at most. Large crowds keep the disk busy without.
 */
const WRITES_MAX = 128;
const SYNC_SHARE = 0.25;
/** Bodies have no finer timers than this: the one on Node turns over meanwhile. */
const WAIT_MS_MAX = 0.2;
/** A sync counts for so much of the mean. */
const SYNC_WEIGHT = 1 / 8;

export class Company {
  #syncMs = 0;
  #wanted = 0;
  #untilMs = 0;

  /** So many writes are safe now, after so long; so many others are gathered. */
  onSynced(writes: number, elapsedMs: number, gathered: number, nowMs: number): void {
    this.#syncMs += (elapsedMs - this.#syncMs) * SYNC_WEIGHT;
    this.#wanted = writes > WRITES_MAX ? 0 : gathered + writes;
    this.#untilMs = nowMs + Math.min(WAIT_MS_MAX, this.#syncMs * SYNC_SHARE);
  }

  /** Until when so many gathered writes wait; a moment of the past where they need not. */
  dueMs(gathered: number): number {
    return gathered < this.#wanted ? this.#untilMs : Number.NEGATIVE_INFINITY;
  }
}
