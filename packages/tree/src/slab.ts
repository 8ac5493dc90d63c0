/**
 * Where names, data and watched paths lie: pages of equal slots, one size class a page, and an array
 * of its own for whatever is too large for a slot. The first page of a class is small and each of the
 * next larger, up to a page's full size. A blob is named by a 32-bit handle, so a million nodes are a
 * few hundred objects to the garbage collector; the handles of large blobs are negative.
 *
 * Freed slots are reused within their class and pages of slots are never given back; a large blob's
 * page is given back at once.
 */
import { assert, copyBytes } from '@zabra/wire';

const PAGE_BYTES = 256 * 1024;
/** Few blobs take little room. */
const FIRST_SLOTS = 16;
const GROWTH = 4;
/** A handle is a page number and an offset in units of eight bytes. */
const OFFSET_BITS = 15;
const OFFSET_MASK = (1 << OFFSET_BITS) - 1;
/** Sixteen gibibytes of names and small data; the sign is taken by large blobs. */
const PAGES_MAX = 1 << (31 - OFFSET_BITS);
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
  /** Whatever is larger has an array of its own. */
  readonly #slotBytesMax: number;
  readonly #pages: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** Blobs too large for a slot, each by itself; a free place holds no bytes. */
  readonly #large: Uint8Array[] = [];
  readonly #largeViews: DataView[] = [];
  readonly #freeLarge: number[] = [];
  readonly #freeSlots = new Int32Array(classBytes.length).fill(NO_SLOT);
  /** Per class: the page slots are cut from, and how far that page is cut. */
  readonly #openPage = new Int32Array(classBytes.length).fill(-1);
  readonly #openOffset = new Int32Array(classBytes.length);
  #byteCount = 0;

  /** The fewer sizes lie in slots, the less stays behind when the blobs are gone. */
  constructor(slotBytesMax: number = CLASS_BYTES_MAX) {
    assert(slotBytesMax <= CLASS_BYTES_MAX, 'there is a class for every slot');
    this.#slotBytesMax = slotBytesMax;
  }

  /** Bytes of all pages, for the memory figures. */
  get byteCount(): number {
    return this.#byteCount;
  }

  bytesOf(handle: number): Uint8Array {
    return handle < 0 ? this.#large[~handle]! : this.#pages[handle >>> OFFSET_BITS]!;
  }

  viewOf(handle: number): DataView {
    return handle < 0 ? this.#largeViews[~handle]! : this.#views[handle >>> OFFSET_BITS]!;
  }

  offsetOf(handle: number): number {
    return handle < 0 ? 0 : (handle & OFFSET_MASK) << 3;
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
    if (byteCount > this.#slotBytesMax) return this.#addLarge(byteCount);
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
    if (handle < 0) {
      this.#dropLarge(~handle);
      return;
    }
    const sizeClass = classOfUnits[(byteCount + 7) >>> 3]!;
    this.viewOf(handle).setInt32(this.offsetOf(handle), this.#freeSlots[sizeClass]!);
    this.#freeSlots[sizeClass] = handle;
  }

  /** Whether a blob of one size can be overwritten by one of the other size where it lies. */
  sameRoom(byteCountA: number, byteCountB: number): boolean {
    if (byteCountA > this.#slotBytesMax || byteCountB > this.#slotBytesMax) {
      return byteCountA === byteCountB;
    }
    return classOfUnits[(byteCountA + 7) >>> 3] === classOfUnits[(byteCountB + 7) >>> 3];
  }

  #cutSlot(sizeClass: number): number {
    const size = classBytes[sizeClass]!;
    let page = this.#openPage[sizeClass]!;
    let offset = this.#openOffset[sizeClass]!;
    const pageBytes = page < 0 ? 0 : this.#pages[page]!.length;
    if (offset + size > pageBytes) {
      page = this.#addPage(Math.min(Math.max(pageBytes * GROWTH, FIRST_SLOTS * size), PAGE_BYTES));
      offset = 0;
      this.#openPage[sizeClass] = page;
    }
    this.#openOffset[sizeClass] = offset + size;
    return (page << OFFSET_BITS) | (offset >>> 3);
  }

  #addPage(byteCount: number): number {
    const page = this.#pages.length;
    assert(page < PAGES_MAX, 'the slab has page numbers left');
    const bytes = new Uint8Array(byteCount);
    this.#pages.push(bytes);
    this.#views.push(new DataView(bytes.buffer));
    this.#byteCount += byteCount;
    return page;
  }

  #addLarge(byteCount: number): number {
    const index = this.#freeLarge.pop() ?? this.#large.length;
    const bytes = new Uint8Array(byteCount);
    this.#large[index] = bytes;
    this.#largeViews[index] = new DataView(bytes.buffer);
    this.#byteCount += byteCount;
    return ~index;
  }

  #dropLarge(index: number): void {
    this.#byteCount -= this.#large[index]!.length;
    this.#large[index] = NO_BYTES;
    this.#largeViews[index] = NO_VIEW;
    this.#freeLarge.push(index);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
