/**
 * When the proposals on their way were made, so that it can be told how long a quorum took. Those of
 * one turn were made at one time, and are remembered together.
 */
import type { Summary } from '../summary.ts';

interface Run {
  readonly atMs: number;
  /** Counter of its last proposal. */
  last: number;
}

export class ProposalTimes {
  #runs: Run[] = [];
  /** Counter of the last one that a quorum has. */
  #through: number;

  constructor(through: number) {
    this.#through = through;
  }

  onProposed(counter: number, nowMs: number): void {
    const newest = this.#runs.at(-1);
    if (newest?.atMs === nowMs) newest.last = counter;
    else this.#runs.push({ atMs: nowMs, last: counter });
  }

  /** A quorum has everything up to this one. */
  onCommitted(counter: number, nowMs: number, into: Summary): void {
    let over = 0;
    for (const { atMs, last } of this.#runs) {
      const until = Math.min(last, counter);
      into.addMany(nowMs - atMs, until - this.#through);
      this.#through = until;
      if (last > counter) break;
      over += 1;
    }
    if (over > 0) this.#runs.splice(0, over);
  }
}
