/**
 * Buffers that grow with what is written into them, in powers of two. What one has outgrown serves
 * the next: garbage of this kind lies outside the collector's heap, and it is in no hurry about it.
 */
import type { BufferSource } from '@zabra/wire';

const SMALLEST_BITS = 6;
const LARGEST_BITS = 21;
/** Kept for use again; beyond it, buffers are left to the collector. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;
/** What a buffer takes beside its bytes. */
const BUFFER_EXTRA_BYTES = 256;

export class Buffers implements BufferSource {
  /** Free ones by the power of their size. */
  readonly #free: Uint8Array[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
  #keptBytes = 0;

  /** A buffer of at least so many bytes, with anything in it. */
  take(byteCount: number): Uint8Array {
    const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(byteCount - 1));
    // A buffer beyond the largest size is as long as it has to be.
    if (bits > LARGEST_BITS) return new Uint8Array(byteCount);
    const kept = this.#free[bits]!.pop();
    if (kept === undefined) return new Uint8Array(2 ** bits);
    this.#keptBytes -= kept.length + BUFFER_EXTRA_BYTES;
    return kept;
  }

  giveBack(buffer: Uint8Array): void {
    const { length } = buffer;
    const bits = 31 - Math.clz32(length);
    if (length !== 2 ** bits || bits < SMALLEST_BITS || bits > LARGEST_BITS) return;
    const keptBytes = this.#keptBytes + length + BUFFER_EXTRA_BYTES;
    if (keptBytes > KEPT_BYTES_MAX) return;
    this.#keptBytes = keptBytes;
    this.#free[bits]!.push(buffer);
  }
}
