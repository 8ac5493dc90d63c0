/**
 * The tree digest: the sum of all nodes' digests modulo 2^64, kept as two halves because it changes
 * with every write. Equal histories give equal sums on every server, of either make.
 */
export class DigestSum {
  high = 0;
  /** Unsigned. */
  low = 0;
  /** As it was asked for last, and the halves that it was made of: it is asked for at every turn. */
  #value = 0n;
  #valueHigh = 0;
  #valueLow = 0;

  add(digest: number): void {
    const low = this.low + (digest >>> 0);
    if (low > 0xffffffff) this.high = (this.high + 1) | 0;
    this.low = low >>> 0;
  }

  subtract(digest: number): void {
    const low = this.low - (digest >>> 0);
    if (low < 0) this.high = (this.high - 1) | 0;
    this.low = low >>> 0;
  }

  copyFrom(other: DigestSum): void {
    this.high = other.high;
    this.low = other.low;
  }

  equals(high: number, low: number): boolean {
    return this.high === high && this.low === low >>> 0;
  }

  /** The unsigned 64-bit value, for texts and files. */
  toBigInt(): bigint {
    if (this.#valueHigh !== this.high || this.#valueLow !== this.low) {
      this.#value = (BigInt(this.high >>> 0) << 32n) | BigInt(this.low);
      this.#valueHigh = this.high;
      this.#valueLow = this.low;
    }
    return this.#value;
  }
}

/** The only version of the digest that is written or compared. */
export const DIGEST_VERSION = 2;
