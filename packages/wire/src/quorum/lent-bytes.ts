/**
 * Brings a run of bytes together out of chunks that are only lent: what is wanted of a chunk is
 * copied at once, into a buffer that grows with what has come. For messages that are few; what is
 * many is cut where it lies.
 */
const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);
const BYTES_MIN = 64;

export class LentBytes {
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  length = 0;

  /** Copies from `start` on until `byteCount` bytes are here; how many it took from the chunk. */
  fill(chunk: Uint8Array, start: number, byteCount: number): number {
    const taken = Math.min(byteCount - this.length, chunk.length - start);
    if (taken <= 0) return 0;
    const length = this.length + taken;
    if (length > this.bytes.length) this.#grow(length);
    this.bytes.set(chunk.subarray(start, start + taken), this.length);
    this.length = length;
    return taken;
  }

  /** Forgets what is here; its bytes stay as they are until the next `fill`. */
  clear(): void {
    this.length = 0;
  }

  #grow(byteCount: number): void {
    const grown = new Uint8Array(Math.max(byteCount, 2 * this.bytes.length, BYTES_MIN));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
