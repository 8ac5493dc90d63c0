/**
 * Writes jute's encoding into a buffer that grows. One writer serves many frames: `position` may be
 * set back to write over a refused part, and the bytes are read where they lie.
 */
import { encodeUtf8 } from '../utf8.ts';
import { copyBytes } from './copy.ts';

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
const ASCII_MAX = 0x7f;
/** For longer strings it is worth asking the host's encoder. */
const PLAIN_LENGTH_MAX = 256;

/** Where a writer's buffers come from and go to, if not from and to the collector. */
export interface BufferSource {
  /** At least so many bytes, whatever they hold. */
  take(byteCount: number): Uint8Array;
  giveBack(buffer: Uint8Array): void;
}

export class JuteWriter {
  bytes: Uint8Array;
  view: DataView;
  position = 0;
  readonly #buffers: BufferSource | null;

  constructor(capacity = 256, buffers: BufferSource | null = null) {
    this.#buffers = buffers;
    this.bytes = buffers === null ? new Uint8Array(capacity) : buffers.take(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Gives the buffer back to where it came from, and is left with none. */
  release(): void {
    this.#buffers?.giveBack(this.bytes);
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
    this.position = 0;
  }

  /** Makes room for `byteCount` more bytes; what was written keeps its place. */
  reserve(byteCount: number): void {
    const needed = this.position + byteCount;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  boolean(value: boolean): void {
    this.reserve(1);
    this.bytes[this.position] = value ? 1 : 0;
    this.position += 1;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position] = value;
    this.position += 1;
  }

  int(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.position, value);
    this.position += 4;
  }

  /** A 64-bit value given as its two halves, which is how hot code carries it. */
  long2(high: number, low: number): void {
    this.reserve(8);
    this.view.setInt32(this.position, high);
    this.view.setInt32(this.position + 4, low);
    this.position += 8;
  }

  long(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.position, BigInt.asIntN(64, value));
    this.position += 8;
  }

  /** Bytes as they are, without a length. */
  raw(source: Uint8Array, sourceView: DataView, start: number, byteCount: number): void {
    this.reserve(byteCount);
    copyBytes(source, sourceView, start, this.bytes, this.view, this.position, byteCount);
    this.position += byteCount;
  }

  /** A length and that many bytes; a negative length writes null. */
  span(source: Uint8Array, sourceView: DataView, start: number, byteCount: number): void {
    this.int(byteCount < 0 ? -1 : byteCount);
    if (byteCount > 0) this.raw(source, sourceView, start, byteCount);
  }

  buffer(value: Uint8Array | null): void {
    this.int(value === null ? -1 : value.length);
    if (value === null) return;
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  string(value: string | null): void {
    if (value !== null && value.length <= PLAIN_LENGTH_MAX && this.#plain(value)) return;
    this.buffer(value === null ? null : encodeUtf8(value));
  }

  /** Writes a string of ASCII alone, as nearly all are; false, with nothing written, for any other. */
  #plain(value: string): boolean {
    const { length } = value;
    const start = this.position + 4;
    this.reserve(4 + length);
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i);
      if (code > ASCII_MAX) return false;
      this.bytes[start + i] = code;
    }
    this.view.setInt32(this.position, length);
    this.position = start + length;
    return true;
  }

  /** A copy of everything written so far. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.position);
  }

  #grow(needed: number): void {
    const wanted = Math.max(needed, this.bytes.length * 2);
    const grown = this.#buffers === null ? new Uint8Array(wanted) : this.#buffers.take(wanted);
    grown.set(this.bytes.subarray(0, this.position));
    this.#buffers?.giveBack(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
