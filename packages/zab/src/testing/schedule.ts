/** What is to happen when, in a simulated world: earliest first, and of equal times the first told. */
interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

export class Schedule {
  nowMs = 0;
  readonly #heap: Entry[] = [];
  #told = 0;

  after(delayMs: number, act: () => void): void {
    this.#told += 1;
    this.#push({ atMs: this.nowMs + delayMs, order: this.#told, act });
  }

  /** Lets time go by until then, and everything happen that is due. */
  runUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.atMs > untilMs) break;
      this.#pop();
      this.nowMs = next.atMs;
      next.act();
    }
    this.nowMs = untilMs;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}
