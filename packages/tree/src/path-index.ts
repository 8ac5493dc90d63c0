/**
 * From a path's hash to candidate rows: open addressing over (hash, row) pairs, in 256 shards that
 * grow one at a time, so that no insertion ever moves more than its shard.
 */
const SHARD_BITS = 8;
const SHARD_COUNT = 1 << SHARD_BITS;
const FIRST_SLOTS = 8;
const NO_ROW = -1;
/** Of every shard that nothing was put into yet: one slot, and it stays free. */
const NO_SLOTS = new Int32Array(2);

export class PathIndex {
  /** Pairs: the hash at 2i, row + 1 at 2i + 1; zero marks a free slot. */
  readonly #shards: Int32Array[] = new Array<Int32Array>(SHARD_COUNT).fill(NO_SLOTS);
  readonly #counts = new Int32Array(SHARD_COUNT);
  #slots: Int32Array = NO_SLOTS;
  #probe = 0;

  /** The first row under `hash`, or -1; `next` goes on to the others. Not to be nested. */
  first(hash: number): number {
    this.#slots = this.#shards[hash >>> (32 - SHARD_BITS)]!;
    this.#probe = hash << 1;
    return this.next(hash);
  }

  next(hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let probe = this.#probe & mask & ~1;
    for (;;) {
      const entry = slots[probe + 1]!;
      if (entry === 0) return NO_ROW;
      const found = slots[probe] === hash;
      probe = (probe + 2) & mask;
      if (found) {
        this.#probe = probe;
        return entry - 1;
      }
    }
  }

  insert(hash: number, row: number): void {
    const shard = hash >>> (32 - SHARD_BITS);
    let slots = this.#shards[shard]!;
    // At most three slots in four are taken, or probes grow long.
    if ((this.#counts[shard]! + 1) * 8 > slots.length * 3) {
      slots = grown(slots);
      this.#shards[shard] = slots;
    }
    place(slots, hash, row + 1);
    this.#counts[shard]! += 1;
  }

  /** Removes a pair that is known to be there, closing the gap it leaves. */
  remove(hash: number, row: number): void {
    const shard = hash >>> (32 - SHARD_BITS);
    const slots = this.#shards[shard]!;
    const mask = slots.length - 1;
    let hole = (hash << 1) & mask & ~1;
    while (slots[hole] !== hash || slots[hole + 1] !== row + 1) hole = (hole + 2) & mask;
    for (let probe = (hole + 2) & mask; slots[probe + 1] !== 0; probe = (probe + 2) & mask) {
      const home = (slots[probe]! << 1) & mask & ~1;
      // A pair may move into the hole unless its home lies between the hole and itself.
      if (((probe - home) & mask) >= ((probe - hole) & mask)) {
        slots[hole] = slots[probe]!;
        slots[hole + 1] = slots[probe + 1]!;
        hole = probe;
      }
    }
    slots[hole] = 0;
    slots[hole + 1] = 0;
    this.#counts[shard]! -= 1;
  }
}

function place(slots: Int32Array, hash: number, entry: number): void {
  const mask = slots.length - 1;
  let probe = (hash << 1) & mask & ~1;
  while (slots[probe + 1] !== 0) probe = (probe + 2) & mask;
  slots[probe] = hash;
  slots[probe + 1] = entry;
}

function grown(slots: Int32Array): Int32Array {
  const target = new Int32Array(Math.max(slots.length, FIRST_SLOTS) * 2);
  for (let i = 0; i < slots.length; i += 2) {
    if (slots[i + 1] !== 0) place(target, slots[i]!, slots[i + 1]!);
  }
  return target;
}
