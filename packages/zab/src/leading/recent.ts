/**
 * Where the recent proposals of a term lie on the tape, by their counters: those on their way, and of
 * those that are through as many as fit a bound. Counters of a term have no holes, so this is a ring.
 */
import { assert } from '@zabra/wire';

const CAPACITY_MIN = 1024;

export class Recent {
  #places = new Float64Array(CAPACITY_MIN);
  #byteCounts = new Int32Array(CAPACITY_MIN);
  /** Counter of the oldest that is here. */
  #first: number;
  /** Counter of the one to come. */
  #next: number;

  constructor(first: number) {
    this.#first = first;
    this.#next = first;
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#next - 1;
  }

  /** The next proposal's packet lies at `place`. */
  add(place: number, byteCount: number): void {
    if (this.#next - this.#first === this.#places.length) this.#grow();
    const slot = this.#next & (this.#places.length - 1);
    this.#places[slot] = place;
    this.#byteCounts[slot] = byteCount;
    this.#next += 1;
  }

  placeOf(counter: number): number {
    return this.#places[this.#slotOf(counter)]!;
  }

  byteCountOf(counter: number): number {
    return this.#byteCounts[this.#slotOf(counter)]!;
  }

  forgetFirst(): void {
    assert(this.#first < this.#next, 'what is forgotten was remembered');
    this.#first += 1;
  }

  #slotOf(counter: number): number {
    assert(counter >= this.#first && counter < this.#next, 'a proposal that is asked for is here');
    return counter & (this.#places.length - 1);
  }

  #grow(): void {
    const capacity = 2 * this.#places.length;
    const places = new Float64Array(capacity);
    const byteCounts = new Int32Array(capacity);
    for (let counter = this.#first; counter < this.#next; counter += 1) {
      const slot = counter & (capacity - 1);
      places[slot] = this.placeOf(counter);
      byteCounts[slot] = this.byteCountOf(counter);
    }
    this.#places = places;
    this.#byteCounts = byteCounts;
  }
}
