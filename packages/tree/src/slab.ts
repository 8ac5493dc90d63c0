/**
 * Where names and data lie: pages of equal slots, one size class a page, and a page of its own for
 * whatever is larger than the largest class. A blob is named by a 32-bit handle, so a million nodes
 * are a few hundred objects to the garbage collector.
 *
 * Freed slots are reused within their class and pages of slots are never given back; a large blob's
 * page is given back at once.
 */
import { assert, copyBytes } from '@zabra/wire';

const PAGE_BYTES = 256 * 1024;
/** A handle is a page number and an offset in units of eight bytes. */
const OFFSET_BITS = 15;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
const CLASS_BYTES_MAX = 8192;
const NO_SLOT = -1;

const classBytes: readonly number[] = sizeClasses();
const classOfUnits: Uint8Array = classTable(classBytes);

/** Steps of eight bytes up to 128, then eight steps to each doubling: at most an eighth is wasted. */
function sizeClasses(): number[] {
  const sizes: number[] = [];
  for (let size = 8; size <= 128; size += 8) sizes.push(size);
  for (let base = 128; base < CLASS_BYTES_MAX; base *= 2) {
    for (let step = 1; step <= 8; step += 1) sizes.push(base + (base / 8) * step);
  }
  return sizes;
}

function classTable(sizes: readonly number[]): Uint8Array {
  const table = new Uint8Array(CLASS_BYTES_MAX / 8 + 1);
  let sizeClass = 0;
  for (let units = 0; units < table.length; units += 1) {
    while (sizes[sizeClass]! < units * 8) sizeClass += 1;
    table[units] = sizeClass;
  }
  return table;
}

export class Slab {
  readonly #pages: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  readonly #freePageNumbers: number[] = [];
  readonly #freeSlots = new Int32Array(classBytes.length).fill(NO_SLOT);
  /** Per class: the page slots are cut from, and how far that page is cut. */
  readonly #openPage = new Int32Array(classBytes.length).fill(-1);
  readonly #openOffset = new Int32Array(classBytes.length);
  #byteCount = 0;

  /** Bytes of all pages, for the memory figures. */
  get byteCount(): number {
    return this.#byteCount;
  }

  bytesOf(handle: number): Uint8Array {
    return this.#pages[handle >>> OFFSET_BITS]!;
  }

  viewOf(handle: number): DataView {
    return this.#views[handle >>> OFFSET_BITS]!;
  }

  offsetOf(handle: number): number {
    return (handle & OFFSET_MASK) << 3;
  }

  /** Stores a copy of a range and returns its handle; the range must not be empty. */
  store(source: Uint8Array, sourceView: DataView, start: number, byteCount: number): number {
    const handle = this.allocate(byteCount);
    this.write(handle, source, sourceView, start, byteCount);
    return handle;
  }

  write(handle: number, source: Uint8Array, view: DataView, start: number, count: number): void {
    const target = this.bytesOf(handle);
    copyBytes(source, view, start, target, this.viewOf(handle), this.offsetOf(handle), count);
  }

  allocate(byteCount: number): number {
    if (byteCount > CLASS_BYTES_MAX) return this.#addPage(byteCount) << OFFSET_BITS;
    const sizeClass = classOfUnits[(byteCount + 7) >>> 3]!;
    const free = this.#freeSlots[sizeClass]!;
    if (free !== NO_SLOT) {
      this.#freeSlots[sizeClass] = this.viewOf(free).getInt32(this.offsetOf(free));
      return free;
    }
    return this.#cutSlot(sizeClass);
  }

  /** Gives a blob back; `byteCount` is the size it was allocated for. */
  release(handle: number, byteCount: number): void {
    if (byteCount > CLASS_BYTES_MAX) {
      this.#dropPage(handle >>> OFFSET_BITS);
      return;
    }
    const sizeClass = classOfUnits[(byteCount + 7) >>> 3]!;
    this.viewOf(handle).setInt32(this.offsetOf(handle), this.#freeSlots[sizeClass]!);
    this.#freeSlots[sizeClass] = handle;
  }

  /** Whether a blob of one size can be overwritten by one of the other size where it lies. */
  static sameRoom(byteCountA: number, byteCountB: number): boolean {
    if (byteCountA > CLASS_BYTES_MAX || byteCountB > CLASS_BYTES_MAX) {
      return byteCountA === byteCountB;
    }
    return classOfUnits[(byteCountA + 7) >>> 3] === classOfUnits[(byteCountB + 7) >>> 3];
  }

  #cutSlot(sizeClass: number): number {
    const size = classBytes[sizeClass]!;
    let page = this.#openPage[sizeClass]!;
    let offset = this.#openOffset[sizeClass]!;
    if (page < 0 || offset + size > PAGE_BYTES) {
      page = this.#addPage(PAGE_BYTES);
      offset = 0;
      this.#openPage[sizeClass] = page;
    }
    this.#openOffset[sizeClass] = offset + size;
    return (page << OFFSET_BITS) | (offset >>> 3);
  }

  #addPage(byteCount: number): number {
    const page = this.#freePageNumbers.pop() ?? this.#pages.length;
    assert(page < 1 << (32 - OFFSET_BITS), 'the slab has page numbers left');
    const bytes = new Uint8Array(byteCount);
    this.#pages[page] = bytes;
    this.#views[page] = new DataView(bytes.buffer);
    this.#byteCount += byteCount;
    return page;
  }

  #dropPage(page: number): void {
    this.#byteCount -= this.#pages[page]!.length;
    this.#pages[page] = NO_BYTES;
    this.#views[page] = NO_VIEW;
    this.#freePageNumbers.push(page);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
