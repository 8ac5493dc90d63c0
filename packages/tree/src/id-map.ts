/**
 * A map keyed by a 64-bit id held as two halves. Ids of one server share their upper half for hours,
 * so the outer map stays tiny and neither a string nor a BigInt is made for a look-up.
 */
export class IdMap<T> {
  readonly #byHigh = new Map<number, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(high: number, low: number): T | undefined {
    return this.#byHigh.get(high)?.get(low);
  }

  set(high: number, low: number, value: T): void {
    let inner = this.#byHigh.get(high);
    if (inner === undefined) {
      inner = new Map();
      this.#byHigh.set(high, inner);
    }
    if (!inner.has(low)) this.#size += 1;
    inner.set(low, value);
  }

  delete(high: number, low: number): boolean {
    const inner = this.#byHigh.get(high);
    if (inner === undefined || !inner.delete(low)) return false;
    if (inner.size === 0) this.#byHigh.delete(high);
    this.#size -= 1;
    return true;
  }

  *values(): Generator<T> {
    for (const inner of this.#byHigh.values()) yield* inner.values();
  }
}
