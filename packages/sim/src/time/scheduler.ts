/**
 * Everything that is still to happen, in the order of its time; the world leaps from one to the
 * next. Events are three numbers, so that nothing is allocated for one. Those of one moment come in an
 * order that chance draws: nothing may rely on who comes first.
 */
import { assert } from '@zabra/wire';
import type { Random } from './random.ts';

const CAPACITY_AT_START = 256;

export class Scheduler {
  /** The event that is happening. */
  nowMs = 0;
  kind = 0;
  subject = 0;
  argument = 0;
  readonly #random: Random;
  #capacity = CAPACITY_AT_START;
  #atMs = new Float64Array(CAPACITY_AT_START);
  #rank = new Uint32Array(CAPACITY_AT_START);
  #born = new Uint32Array(CAPACITY_AT_START);
  #kind = new Int32Array(CAPACITY_AT_START);
  #subject = new Int32Array(CAPACITY_AT_START);
  #argument = new Int32Array(CAPACITY_AT_START);
  /** A heap of places in the columns above; behind its end the places that are free. */
  #heap = Int32Array.from({ length: CAPACITY_AT_START }, (_, i) => i);
  #count = 0;
  #births = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get count(): number {
    return this.#count;
  }

  /** Not before now, whatever the time that is asked for. */
  schedule(atMs: number, kind: number, subject: number, argument = 0): void {
    assert(!Number.isNaN(atMs), 'an event has a time');
    if (this.#count === this.#capacity) this.#grow();
    const place = this.#heap[this.#count]!;
    this.#atMs[place] = Math.max(atMs, this.nowMs);
    this.#rank[place] = this.#random.next32();
    this.#births += 1;
    this.#born[place] = this.#births;
    this.#kind[place] = kind;
    this.#subject[place] = subject;
    this.#argument[place] = argument;
    this.#count += 1;
    this.#rise(this.#count - 1);
  }

  /** Leaps to the next event, if there is one up to this time. */
  next(untilMs: number): boolean {
    const place = this.#heap[0]!;
    if (this.#count === 0 || this.#atMs[place]! > untilMs) return false;
    this.nowMs = this.#atMs[place]!;
    this.kind = this.#kind[place]!;
    this.subject = this.#subject[place]!;
    this.argument = this.#argument[place]!;
    this.#count -= 1;
    this.#heap[0] = this.#heap[this.#count]!;
    this.#heap[this.#count] = place;
    this.#sink(0);
    return true;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(heap[at]!, heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let first = at;
      const left = 2 * at + 1;
      const right = left + 1;
      if (left < this.#count && this.#isBefore(heap[left]!, heap[first]!)) first = left;
      if (right < this.#count && this.#isBefore(heap[right]!, heap[first]!)) first = right;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const byTime = this.#atMs[a]! - this.#atMs[b]!;
    if (byTime !== 0) return byTime < 0;
    const byRank = this.#rank[a]! - this.#rank[b]!;
    return byRank === 0 ? this.#born[a]! < this.#born[b]! : byRank < 0;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const place = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = place;
  }

  #grow(): void {
    const before = this.#capacity;
    this.#capacity = before * 2;
    this.#atMs = grown(this.#atMs, new Float64Array(this.#capacity));
    this.#rank = grown(this.#rank, new Uint32Array(this.#capacity));
    this.#born = grown(this.#born, new Uint32Array(this.#capacity));
    this.#kind = grown(this.#kind, new Int32Array(this.#capacity));
    this.#subject = grown(this.#subject, new Int32Array(this.#capacity));
    this.#argument = grown(this.#argument, new Int32Array(this.#capacity));
    this.#heap = grown(this.#heap, new Int32Array(this.#capacity));
    for (let i = before; i < this.#capacity; i += 1) this.#heap[i] = i;
  }
}

function grown<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
