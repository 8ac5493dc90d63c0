/**
 * From a path and a watcher to the registration of the one on the other, at a constant cost however
 * many watch the path. Buckets chain the registrations through their own records.
 *
 * The table grows by one bucket with every registration, which splits one bucket in two (linear
 * hashing), so that no insertion ever moves more than one chain. It keeps its buckets when
 * registrations go.
 */
import type { HashKey } from '../path-hash.ts';
import { RecordPages } from '../record-pages.ts';
import { NONE, type Registrations } from './registrations.ts';

/** A bucket is the row at the head of its chain, plus one. */
const BUCKET_BYTES = 4;

export class PairIndex {
  readonly #hashKey: HashKey;
  readonly #registrations: Registrations;
  readonly #buckets = new RecordPages(BUCKET_BYTES);
  #count = 0;
  /** One less than a power of two; the buckets are more than half of that power, or all. */
  #mask = 0;

  constructor(hashKey: HashKey, registrations: Registrations) {
    this.#hashKey = hashKey;
    this.#registrations = registrations;
    this.#buckets.allocate();
  }

  get byteCount(): number {
    return this.#buckets.byteCount;
  }

  find(path: number, watcher: number): number {
    const registrations = this.#registrations;
    let row = this.#head(this.#bucketOf(this.#hash(path, watcher)));
    while (row !== NONE && !registrations.isOf(row, path, watcher)) {
      row = registrations.nextInChain(row);
    }
    return row;
  }

  insert(row: number): void {
    this.#count += 1;
    if (this.#count > this.#buckets.rowEnd) this.#split();
    this.#push(this.#bucketOf(this.#hashOf(row)), row);
  }

  /** Removes a registration that is known to be there. */
  remove(row: number): void {
    const registrations = this.#registrations;
    const next = registrations.nextInChain(row);
    const bucket = this.#bucketOf(this.#hashOf(row));
    let before = this.#head(bucket);
    if (before === row) {
      this.#setHead(bucket, next);
    } else {
      while (registrations.nextInChain(before) !== row) before = registrations.nextInChain(before);
      registrations.setNextInChain(before, next);
    }
    this.#count -= 1;
  }

  /** Adds a bucket, which takes its share of the one that stood for it until now. */
  #split(): void {
    const registrations = this.#registrations;
    const added = this.#buckets.allocate();
    if (added > this.#mask) this.#mask = this.#mask * 2 + 1;
    const halved = added & (this.#mask >>> 1);
    let row = this.#head(halved);
    this.#setHead(halved, NONE);
    while (row !== NONE) {
      const next = registrations.nextInChain(row);
      this.#push(this.#bucketOf(this.#hashOf(row)), row);
      row = next;
    }
  }

  #push(bucket: number, row: number): void {
    this.#registrations.setNextInChain(row, this.#head(bucket));
    this.#setHead(bucket, row);
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#buckets.rowEnd ? bucket : bucket & (this.#mask >>> 1);
  }

  #hashOf(row: number): number {
    return this.#hash(this.#registrations.pathOf(row), this.#registrations.watcherOf(row));
  }

  /** Clients have a say in who watches what, but not in the key. */
  #hash(path: number, watcher: number): number {
    const { first, second } = this.#hashKey;
    let hash = Math.imul(path ^ first, 0x9e3779b1);
    hash = Math.imul((hash ^ (hash >>> 15) ^ second) + watcher, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }

  #head(bucket: number): number {
    return this.#buckets.viewOf(bucket).getInt32(this.#buckets.offsetOf(bucket)) - 1;
  }

  #setHead(bucket: number, row: number): void {
    this.#buckets.viewOf(bucket).setInt32(this.#buckets.offsetOf(bucket), row + 1);
  }
}
