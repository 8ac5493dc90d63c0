/**
 * How far the own log reaches: what was handed to it, and what of that is known to be durable. A
 * server votes and promises by the second; the first runs ahead of it only within one role.
 */
import type { Zxid } from '@zabra/wire';
import { compareHalves, highOf, lowOf, zxidOfHalves } from './zxid-halves.ts';

export class History {
  lastHigh: number;
  lastLow: number;
  durableHigh: number;
  durableLow: number;
  /** The disk has still to say that the log was cut or replaced. */
  #isChanging = false;

  constructor(last: Zxid) {
    this.lastHigh = highOf(last);
    this.lastLow = lowOf(last);
    this.durableHigh = this.lastHigh;
    this.durableLow = this.lastLow;
  }

  get last(): Zxid {
    return zxidOfHalves(this.lastHigh, this.lastLow);
  }

  /** Whether the disk has everything. */
  get isDurable(): boolean {
    if (this.#isChanging) return false;
    return this.lastHigh === this.durableHigh && this.lastLow === this.durableLow;
  }

  append(high: number, low: number): void {
    this.lastHigh = high;
    this.lastLow = low;
  }

  /** It ends here from now on: it was cut, or replaced by a snapshot. */
  endAt(zxid: Zxid): void {
    this.lastHigh = highOf(zxid);
    this.lastLow = lowOf(zxid);
    this.durableHigh = this.lastHigh;
    this.durableLow = this.lastLow;
    this.#isChanging = true;
  }

  /** The disk answers in the order in which it was told. */
  onDurable(high: number, low: number): void {
    this.#isChanging = false;
    this.durableHigh = high;
    this.durableLow = low;
  }

  /** Whether a record is durable. */
  covers(high: number, low: number): boolean {
    if (this.#isChanging) return false;
    return compareHalves(high, low, this.durableHigh, this.durableLow) <= 0;
  }
}
