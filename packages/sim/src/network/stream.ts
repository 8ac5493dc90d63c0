/**
 * One direction of a connection: the bytes between a writer and a reader, as the two kernels hold
 * them. Positions count bytes from the connection's start:
 *
 *     acknowledged <= taken <= arrived <= written <= acknowledged + capacity
 *
 * Taken bytes are the reader's; arrived ones wait for it; the rest is under way. The writer's room
 * comes back when it hears of what was taken, not when that happens.
 */
import { assert } from '@zabra/wire';

const CAPACITY_AT_START = 1024;
const SEGMENTS_AT_START = 8;
/** At the end of a segment nothing more comes. */
const LAST = 1;

export class Stream {
  readonly capacity: number;
  written = 0;
  arrived = 0;
  taken = 0;
  acknowledged = 0;
  /** The writer has said that nothing follows. */
  isFinished = false;
  /** The reader's kernel has been told so. */
  hasFinArrived = false;
  /** When the segment on the way arrives for which an event is scheduled. */
  dueMs: number = Number.POSITIVE_INFINITY;
  /** Nothing arrives before, as on a path that holds its packets back. */
  frozenUntilMs = 0;
  /** Segments wait for a path to be mended. */
  isStalled = false;
  #ring = new Uint8Array(CAPACITY_AT_START);
  /** Of each segment under way: when it arrives, where it ends, whether it is the last. */
  #arrivals = new Float64Array(SEGMENTS_AT_START);
  #ends = new Float64Array(SEGMENTS_AT_START);
  #flags = new Uint8Array(SEGMENTS_AT_START);
  #first = 0;
  #count = 0;
  #lastArrivalMs = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get room(): number {
    return this.capacity - (this.written - this.acknowledged);
  }

  get unread(): number {
    return this.arrived - this.taken;
  }

  get hasSegments(): boolean {
    return this.#count > 0;
  }

  get nextArrivalMs(): number {
    const mask = this.#arrivals.length - 1;
    return this.#count === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(this.#arrivals[this.#first & mask]!, this.frozenUntilMs);
  }

  /** Takes as much as there is room for and says how much that was; it arrives at that time or later. */
  write(bytes: Uint8Array, from: number, to: number, arrivesMs: number): number {
    const count = Math.min(to - from, this.room);
    if (count <= 0) return 0;
    this.#reserve(count);
    const mask = this.#ring.length - 1;
    for (let i = 0; i < count; i += 1) this.#ring[(this.written + i) & mask] = bytes[from + i]!;
    this.written += count;
    this.#send(arrivesMs, 0);
    return count;
  }

  finish(arrivesMs: number): void {
    if (this.isFinished) return;
    this.isFinished = true;
    this.#send(arrivesMs, LAST);
  }

  /** The next segment has arrived. */
  arrive(): void {
    assert(this.#count > 0, 'what arrives was on its way');
    const at = this.#first & (this.#arrivals.length - 1);
    this.arrived = this.#ends[at]!;
    if (this.#flags[at] === LAST) this.hasFinArrived = true;
    this.#first += 1;
    this.#count -= 1;
  }

  /** The next bytes for the reader, at most so many; borrowed until the next call. */
  take(countMax: number): Uint8Array {
    const start = this.taken & (this.#ring.length - 1);
    const count = Math.min(this.unread, countMax, this.#ring.length - start);
    this.taken += count;
    return this.#ring.subarray(start, start + count);
  }

  /** What is under way never arrives, and what waits to be read is lost but for its first bytes. */
  cut(unreadKept: number): void {
    this.#count = 0;
    this.arrived = Math.min(this.arrived, this.taken + unreadKept);
    this.written = this.arrived;
    this.isFinished = true;
  }

  #send(arrivesMs: number, flag: number): void {
    if (this.#count === this.#arrivals.length) this.#growSegments();
    // One connection's bytes never overtake each other.
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, arrivesMs);
    const at = (this.#first + this.#count) & (this.#arrivals.length - 1);
    this.#arrivals[at] = this.#lastArrivalMs;
    this.#ends[at] = this.written;
    this.#flags[at] = flag;
    this.#count += 1;
  }

  #reserve(count: number): void {
    const held = this.written - this.taken;
    if (held + count <= this.#ring.length) return;
    let length = this.#ring.length;
    while (length < held + count) length *= 2;
    const ring = new Uint8Array(length);
    const mask = this.#ring.length - 1;
    for (let i = this.taken; i < this.written; i += 1)
      ring[i & (length - 1)] = this.#ring[i & mask]!;
    this.#ring = ring;
  }

  #growSegments(): void {
    const length = this.#arrivals.length;
    const arrivals = new Float64Array(length * 2);
    const ends = new Float64Array(length * 2);
    const flags = new Uint8Array(length * 2);
    for (let i = 0; i < this.#count; i += 1) {
      const from = (this.#first + i) & (length - 1);
      arrivals[i] = this.#arrivals[from]!;
      ends[i] = this.#ends[from]!;
      flags[i] = this.#flags[from]!;
    }
    this.#arrivals = arrivals;
    this.#ends = ends;
    this.#flags = flags;
    this.#first = 0;
  }
}
