/**
 * Bytes that arrive in chunks and are wanted in contiguous runs. A run that lies in one chunk is
 * handed out where it is; only what spans chunks is copied, into a buffer that grows with what has
 * arrived, never with what was announced.
 *
 * A chunk must stay unchanged while runs handed out from it are in use.
 */
const EMPTY = new Uint8Array(0);

export class ChunkQueue {
  /** Where bytes of earlier chunks wait for the rest of their run: [carryStart, carryEnd). */
  #carry: Uint8Array = EMPTY;
  #carryStart = 0;
  #carryEnd = 0;
  #chunk: Uint8Array = EMPTY;
  #chunkStart = 0;

  /** How many bytes are here and not yet skipped. */
  get available(): number {
    return this.#carried + this.#chunk.length - this.#chunkStart;
  }

  /** Appends a chunk. Take every complete run first: what is left of the last chunk is copied. */
  push(chunk: Uint8Array): void {
    this.#carryOver(this.#chunk.length - this.#chunkStart);
    this.#chunk = chunk;
    this.#chunkStart = 0;
  }

  /** The next `byteCount` bytes, which stay next; null when they are not all here. */
  peek(byteCount: number): Uint8Array | null {
    if (this.available < byteCount) return null;
    if (this.#carried === 0) {
      return this.#chunk.subarray(this.#chunkStart, this.#chunkStart + byteCount);
    }
    if (this.#carried < byteCount) this.#carryOver(byteCount - this.#carried);
    return this.#carry.subarray(this.#carryStart, this.#carryStart + byteCount);
  }

  /** Steps over bytes that `peek` has handed out; those handed out stay valid. */
  skip(byteCount: number): void {
    if (this.#carried === 0) {
      this.#chunkStart += byteCount;
      return;
    }
    this.#carryStart += byteCount;
    if (this.#carried > 0) return;
    this.#carry = EMPTY;
    this.#carryStart = 0;
    this.#carryEnd = 0;
  }

  get #carried(): number {
    return this.#carryEnd - this.#carryStart;
  }

  /** Moves bytes from the chunk to the carry, never over bytes that were handed out. */
  #carryOver(byteCount: number): void {
    if (byteCount === 0) return;
    if (this.#carryEnd + byteCount > this.#carry.length) this.#growCarry(byteCount);
    const end = this.#chunkStart + byteCount;
    this.#carry.set(this.#chunk.subarray(this.#chunkStart, end), this.#carryEnd);
    this.#carryEnd += byteCount;
    this.#chunkStart = end;
  }

  #growCarry(byteCount: number): void {
    const carried = this.#carried;
    const grown = new Uint8Array(Math.max(carried + byteCount, 2 * carried));
    grown.set(this.#carry.subarray(this.#carryStart, this.#carryEnd));
    this.#carry = grown;
    this.#carryStart = 0;
    this.#carryEnd = carried;
  }
}
