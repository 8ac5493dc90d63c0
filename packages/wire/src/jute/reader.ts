/**
 * Reads jute's encoding from borrowed bytes. It never throws and never reads outside its window:
 * the first impossible length sets `failed`, and everything read from then on is zero, so a decoder
 * checks once at its end. Nothing is allocated before its length has been checked.
 */
import { decodeUtf8 } from '../utf8.ts';

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

export class JuteReader {
  bytes: Uint8Array = EMPTY;
  view: DataView = EMPTY_VIEW;
  position = 0;
  end = 0;
  failed = false;
  /** Where the buffer or string read last by `span` lies. */
  spanStart = 0;
  /** Its length in bytes; -1 for null. */
  spanLength = 0;

  /** A reader over all of `bytes`. */
  static over(bytes: Uint8Array): JuteReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new JuteReader().reset(bytes, view, 0, bytes.byteLength);
  }

  reset(bytes: Uint8Array, view: DataView, start: number, end: number): this {
    this.bytes = bytes;
    this.view = view;
    this.position = start;
    this.end = end;
    this.failed = false;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  boolean(): boolean {
    const at = this.position;
    if (at + 1 > this.end) return this.#fail() !== 0;
    this.position = at + 1;
    return this.bytes[at] !== 0;
  }

  int(): number {
    const at = this.position;
    if (at + 4 > this.end) return this.#fail();
    this.position = at + 4;
    return this.view.getInt32(at);
  }

  /** A 64-bit value for the edges; hot code reads the two halves with `int`. */
  long(): bigint {
    const at = this.position;
    if (at + 8 > this.end) {
      this.#fail();
      return 0n;
    }
    this.position = at + 8;
    return this.view.getBigInt64(at);
  }

  /** Steps over a buffer or string, leaving its place in spanStart and spanLength. */
  span(): number {
    const length = this.int();
    if (length < -1 || length > this.end - this.position) {
      this.spanLength = -1;
      return this.#fail() - 1;
    }
    this.spanStart = this.position;
    this.spanLength = this.failed ? -1 : length;
    if (length > 0) this.position += length;
    return this.spanLength;
  }

  /** A copy of the buffer, or null. Not by `slice`, which in Node's own byte arrays copies nothing. */
  buffer(): Uint8Array | null {
    if (this.span() < 0) return null;
    const copy = new Uint8Array(this.spanLength);
    copy.set(this.bytes.subarray(this.spanStart, this.spanStart + this.spanLength));
    return copy;
  }

  string(): string | null {
    if (this.span() < 0) return null;
    return decodeUtf8(this.bytes.subarray(this.spanStart, this.spanStart + this.spanLength));
  }

  /**
   * The count of a vector; -1 for null. A count that cannot fit in what remains, at
   * `itemBytesMin` each, fails here instead of sizing an array by a stranger's number.
   */
  count(itemBytesMin: number): number {
    const count = this.int();
    if (count === -1) return -1;
    if (count <= 0) return 0;
    if (count * itemBytesMin > this.end - this.position) return this.#fail();
    return count;
  }

  /** Marks the input as undecodable from outside, for rules a length cannot express. */
  fail(): void {
    this.#fail();
  }

  #fail(): number {
    this.failed = true;
    this.position = this.end;
    return 0;
  }
}
