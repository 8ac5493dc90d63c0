/**
 * Who watches which path, and how: a record for each pair of a watcher and a path. Both are numbers
 * here, given by others. A registration is in the list of its path, in the order of registering, and
 * in the list of its watcher; whoever keeps a list keeps its first row.
 */
import { RecordPages } from '../record-pages.ts';
import { KIND_BITS } from './watch-kind.ts';

/** No row, path or watcher. */
export const NONE = -1;

/** Offsets within a record. A link is a row plus one, so that the zeros of a new record lead nowhere. */
const Field = {
  Path: 0,
  /** The watcher's number above the kinds. */
  Watcher: 4,
  /** The next in the same bucket of the pair index. */
  Chain: 8,
} as const;
const RECORD_BYTES = 28;
const KIND_MASK = (1 << KIND_BITS) - 1;

/** The two lists a registration is in, by the offset of their links: the next one, the one before. */
export const List = { OfPath: 12, OfWatcher: 20 } as const;
export type List = (typeof List)[keyof typeof List];
const PREVIOUS = 4;

export class Registrations {
  readonly #records = new RecordPages(RECORD_BYTES);

  get byteCount(): number {
    return this.#records.byteCount;
  }

  add(path: number, watcher: number, kinds: number): number {
    const row = this.#records.allocate();
    const view = this.#records.viewOf(row);
    const at = this.#records.offsetOf(row);
    view.setInt32(at + Field.Path, path);
    view.setInt32(at + Field.Watcher, (watcher << KIND_BITS) | kinds);
    return row;
  }

  /** It must have been removed from its lists. */
  release(row: number): void {
    this.#records.release(row);
  }

  pathOf(row: number): number {
    return this.#get(row, Field.Path);
  }

  watcherOf(row: number): number {
    return this.#get(row, Field.Watcher) >>> KIND_BITS;
  }

  isOf(row: number, path: number, watcher: number): boolean {
    const view = this.#records.viewOf(row);
    const at = this.#records.offsetOf(row);
    const own = view.getInt32(at + Field.Watcher) >>> KIND_BITS;
    return own === watcher && view.getInt32(at + Field.Path) === path;
  }

  kindsOf(row: number): number {
    return this.#get(row, Field.Watcher) & KIND_MASK;
  }

  setKinds(row: number, kinds: number): void {
    this.#set(row, Field.Watcher, (this.#get(row, Field.Watcher) & ~KIND_MASK) | kinds);
  }

  nextInChain(row: number): number {
    return this.#get(row, Field.Chain) - 1;
  }

  setNextInChain(row: number, next: number): void {
    this.#set(row, Field.Chain, next + 1);
  }

  next(list: List, row: number): number {
    return this.#get(row, list) - 1;
  }

  /** Puts a row behind the last of the list that starts with `first`; returns the list's first. */
  append(list: List, first: number, row: number): number {
    if (first === NONE) {
      this.#setPrevious(list, row, row);
      return row;
    }
    const last = this.#previous(list, first);
    this.#setNext(list, last, row);
    this.#setPrevious(list, row, last);
    this.#setPrevious(list, first, row);
    return first;
  }

  /** Takes a row out of the list that starts with `first`; returns the list's first. */
  remove(list: List, first: number, row: number): number {
    const next = this.next(list, row);
    const previous = this.#previous(list, row);
    if (row !== first) this.#setNext(list, previous, next);
    const newFirst = row === first ? next : first;
    if (newFirst !== NONE) this.#setPrevious(list, next === NONE ? first : next, previous);
    return newFirst;
  }

  #setNext(list: List, row: number, next: number): void {
    this.#set(row, list, next + 1);
  }

  /** The row before; before the first stands the last. */
  #previous(list: List, row: number): number {
    return this.#get(row, list + PREVIOUS) - 1;
  }

  #setPrevious(list: List, row: number, previous: number): void {
    this.#set(row, list + PREVIOUS, previous + 1);
  }

  #get(row: number, field: number): number {
    return this.#records.viewOf(row).getInt32(this.#records.offsetOf(row) + field);
  }

  #set(row: number, field: number, value: number): void {
    this.#records.viewOf(row).setInt32(this.#records.offsetOf(row) + field, value);
  }
}
