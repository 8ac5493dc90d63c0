/**
 * What one machine believes about time: a monotonic clock that may run fast, slow or leap ahead, and
 * a wall clock that may be set to anything. Neither ever looks at the other machines' clocks.
 */

/** Any moment after 1970 will do. */
const WALL_START_MS = 1_700_000_000_000;

export class Clock {
  #rate = 1;
  /** The monotonic clock showed the one when the world had come to the other. */
  #shownMs: number;
  #worldMs = 0;
  #wallOffsetMs = 0;
  /** What the monotonic clock shows says nothing of the time of day. */
  readonly #startMs: number;

  constructor(monotonicStartMs: number) {
    this.#startMs = monotonicStartMs;
    this.#shownMs = monotonicStartMs;
  }

  monotonicAt(worldMs: number): number {
    return this.#shownMs + (worldMs - this.#worldMs) * this.#rate;
  }

  wallAt(worldMs: number): number {
    const sinceStartMs = this.monotonicAt(worldMs) - this.#startMs;
    return Math.floor(WALL_START_MS + sinceStartMs + this.#wallOffsetMs);
  }

  /** When the monotonic clock will show this, at the speed it has. */
  worldAt(monotonicMs: number): number {
    return this.#worldMs + (monotonicMs - this.#shownMs) / this.#rate;
  }

  /** How many seconds it counts in one. */
  setRate(worldMs: number, rate: number): void {
    this.#shownMs = this.monotonicAt(worldMs);
    this.#worldMs = worldMs;
    this.#rate = rate;
  }

  /** As after a sleep that the clock has counted. */
  leap(byMs: number): void {
    this.#shownMs += byMs;
  }

  /** Somebody sets the wall clock so far from the right time. */
  setWall(offsetMs: number): void {
    this.#wallOffsetMs = offsetMs;
  }
}
