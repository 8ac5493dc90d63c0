/**
 * The paths that somebody watches, whether or not a node is there: a row each, found by a keyed hash.
 * A row lives as long as its path has a registration.
 *
 * Whoever registers a watch chooses the path, so long ones are counted, and given back at once.
 */
import { type HashKey, hashPath } from '../path-hash.ts';
import { PathIndex } from '../path-index.ts';
import { RecordPages } from '../record-pages.ts';
import { Slab } from '../slab.ts';
import { NONE } from './registrations.ts';

/** Offsets within a record. */
const Field = {
  Handle: 0,
  Hash: 4,
  ByteCount: 8,
  /** The path's first registration, plus one; only a free record has none. */
  First: 12,
} as const;
const RECORD_BYTES = 16;

/** A path of more bytes than this is long. */
const SHORT_PATH_BYTES_MAX = 1024;

export class WatchedPaths {
  readonly #records = new RecordPages(RECORD_BYTES);
  readonly #slab = new Slab(SHORT_PATH_BYTES_MAX);
  readonly #index = new PathIndex();
  readonly #hashKey: HashKey;
  /** The hash of the path looked up last. */
  #hash = 0;
  count = 0;
  /** Bytes of all long paths. */
  longBytes = 0;

  constructor(hashKey: HashKey) {
    this.#hashKey = hashKey;
  }

  get byteCount(): number {
    return this.#records.byteCount + this.#slab.byteCount;
  }

  /** The row of the path in bytes[start, end), or NONE. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    this.#hash = hashPath(this.#hashKey, view, start, end);
    let row = this.#index.first(this.#hash);
    while (row >= 0 && !this.#isPath(row, bytes, start, end)) row = this.#index.next(this.#hash);
    return row;
  }

  /** Adds the path that was looked up last, and not found; it is to get a registration at once. */
  add(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const byteCount = end - start;
    const row = this.#records.allocate();
    const record = this.#records.viewOf(row);
    const at = this.#records.offsetOf(row);
    if (byteCount > 0) {
      record.setInt32(at + Field.Handle, this.#slab.store(bytes, view, start, byteCount));
    }
    record.setInt32(at + Field.Hash, this.#hash);
    record.setInt32(at + Field.ByteCount, byteCount);
    this.#index.insert(this.#hash, row);
    this.count += 1;
    this.longBytes += this.longBytesOf(row);
    return row;
  }

  remove(row: number): void {
    const byteCount = this.#get(row, Field.ByteCount);
    this.longBytes -= this.longBytesOf(row);
    this.count -= 1;
    this.#index.remove(this.#get(row, Field.Hash), row);
    if (byteCount > 0) this.#slab.release(this.#get(row, Field.Handle), byteCount);
    this.#records.release(row);
  }

  firstOf(row: number): number {
    return this.#get(row, Field.First) - 1;
  }

  setFirst(row: number, registration: number): void {
    const at = this.#records.offsetOf(row);
    this.#records.viewOf(row).setInt32(at + Field.First, registration + 1);
  }

  /** The bytes a path takes, if it is long. */
  longBytesOf(row: number): number {
    const byteCount = this.#get(row, Field.ByteCount);
    return byteCount > SHORT_PATH_BYTES_MAX ? byteCount : 0;
  }

  /** The path where it lies; borrowed until the next change. */
  bytesOf(row: number): Uint8Array {
    const handle = this.#get(row, Field.Handle);
    const byteCount = this.#get(row, Field.ByteCount);
    if (byteCount === 0) return new Uint8Array(0);
    const offset = this.#slab.offsetOf(handle);
    return this.#slab.bytesOf(handle).subarray(offset, offset + byteCount);
  }

  *rows(): Generator<number> {
    for (let row = 0; row < this.#records.rowEnd; row += 1) {
      if (this.firstOf(row) !== NONE) yield row;
    }
  }

  #isPath(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const byteCount = this.#get(row, Field.ByteCount);
    if (byteCount !== end - start) return false;
    if (byteCount === 0) return true;
    const handle = this.#get(row, Field.Handle);
    const own = this.#slab.bytesOf(handle);
    const at = this.#slab.offsetOf(handle);
    for (let i = byteCount - 1; i >= 0; i -= 1) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #get(row: number, field: number): number {
    return this.#records.viewOf(row).getInt32(this.#records.offsetOf(row) + field);
  }
}
