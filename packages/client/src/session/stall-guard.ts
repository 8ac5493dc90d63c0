/**
 * Tells silence of a server from silence of this process. When a turn comes long after it was due,
 * the process stood still; what has come meanwhile may lie in a socket unread. So for a moment
 * silence is not judged, once: a process that is always late must still notice that a server is gone.
 */

/** A timer that is late by more than this was held up. */
const STALL_MS = 100;
/** Enough for a body to read what is there. */
const GRACE_MS = 50;

export class StallGuard {
  #graceEndMs: number | null = null;

  onTime(nowMs: number, dueMs: number): void {
    if (this.#graceEndMs === null && nowMs - dueMs > STALL_MS) this.#graceEndMs = nowMs + GRACE_MS;
  }

  isJudging(nowMs: number): boolean {
    if (this.#graceEndMs !== null && nowMs < this.#graceEndMs) return false;
    this.#graceEndMs = null;
    return true;
  }

  /** Nothing is due before the grace is over. */
  notBefore(dueMs: number): number {
    return this.#graceEndMs === null ? dueMs : Math.max(dueMs, this.#graceEndMs);
  }
}
