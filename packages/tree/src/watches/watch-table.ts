/**
 * Who watches what. Watches belong to a connection, not to a session: they are this server's alone
 * and go with the connection. A path can be watched whether or not a node is there.
 *
 * One change gives one connection one event, however many of its registrations match it.
 *
 * Paths and registrations are records, so a million watches are a few hundred pages to the garbage
 * collector. Finding, adding and removing a registration costs the same whoever else watches what.
 */
import { assert, EventType, Permission } from '@zabra/wire';
import type { AclList } from '../acl/acl-list.ts';
import type { HashKey } from '../path-hash.ts';
import { PairIndex } from './pair-index.ts';
import { List, NONE, Registrations } from './registrations.ts';
import { ALL_KINDS, CHILD_KINDS, NODE_KINDS, WatchKind } from './watch-kind.ts';
import { WatchedPaths } from './watched-paths.ts';
import { type Watcher, Watchers } from './watchers.ts';

/** Where events go. */
export interface EventSink {
  /**
   * The event's path lies in bytes[start, end); borrowed for the call. Watches may be removed
   * meanwhile, anybody's; none may be added and nothing else may happen to a node.
   */
  onEvent(watcher: Watcher, type: number, bytes: Uint8Array, start: number, end: number): void;
}

export interface WatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

/** A path and who watches it, with the kinds of each. */
export interface WatchedPath {
  /** Borrowed until the next change. */
  readonly path: Uint8Array;
  readonly watchers: ReadonlyMap<Watcher, number>;
}

export class WatchTable {
  readonly #paths: WatchedPaths;
  readonly #registrations = new Registrations();
  /** Every registration but the first of each path. */
  readonly #pairs: PairIndex;
  readonly #watchers = new Watchers();
  readonly #sink: EventSink;
  readonly #skipAcl: boolean;
  #stamp = 0;
  #recursiveCount = 0;
  /** While an event is told: the registration that is next in turn. */
  #cursor = NONE;
  #isTelling = false;
  /** Registrations, a connection counting once for each table Apache would list it in. */
  count = 0;

  constructor(hashKey: HashKey, sink: EventSink, skipAcl: boolean) {
    this.#paths = new WatchedPaths(hashKey);
    this.#pairs = new PairIndex(hashKey, this.#registrations);
    this.#sink = sink;
    this.#skipAcl = skipAcl;
  }

  /** Bytes of all pages, for the memory figures. */
  get byteCount(): number {
    return this.#paths.byteCount + this.#registrations.byteCount + this.#pairs.byteCount;
  }

  /**
   * Bytes of all watched paths that are long. A path counts once, and is charged to whoever of those
   * watching it came first: so the sum is what is really taken, a crowd on one path costs no more
   * than one of it, and nobody pays for what they do not watch or gets rid of what they do.
   */
  get longPathBytes(): number {
    return this.#paths.longBytes;
  }

  add(
    watcher: Watcher,
    kind: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    assert(!this.#isTelling, 'no watch is added while an event is told');
    let path = this.#paths.find(bytes, view, start, end);
    const row = path === NONE ? NONE : this.#find(path, watcher);
    if (row !== NONE) {
      const before = this.#registrations.kindsOf(row);
      this.#recount(before, before | kind);
      this.#registrations.setKinds(row, before | kind);
      return;
    }
    if (path === NONE) path = this.#paths.add(bytes, view, start, end);
    this.#recount(0, kind);
    this.#enter(path, watcher, kind);
  }

  /** Which kinds this watcher has on exactly this path. */
  kindsOf(watcher: Watcher, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const path = this.#paths.find(bytes, view, start, end);
    const row = path === NONE ? NONE : this.#find(path, watcher);
    return row === NONE ? 0 : this.#registrations.kindsOf(row);
  }

  /** Removes the given kinds; whether there was any. */
  remove(
    watcher: Watcher,
    kinds: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const path = this.#paths.find(bytes, view, start, end);
    const row = path === NONE ? NONE : this.#find(path, watcher);
    if (row === NONE) return false;
    const before = this.#registrations.kindsOf(row);
    if ((before & kinds) === 0) return false;
    this.#reduce(row, watcher, before, before & ~kinds);
    return true;
  }

  /** Forgets everything of a connection that is gone. */
  removeAll(watcher: Watcher): void {
    const { watching } = watcher;
    while (watching.first !== NONE) {
      this.#reduce(watching.first, watcher, this.#registrations.kindsOf(watching.first), 0);
    }
  }

  /** A node was created or its data changed. */
  fire(
    type: number,
    acl: AclList,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    if (this.#paths.count === 0) return;
    this.#stamp += 1;
    this.#fireOn(type, NODE_KINDS, WatchKind.Data, acl, bytes, view, start, end, end);
    this.#fireAbove(type, acl, bytes, view, start, end);
  }

  /** A node was deleted: whoever watches it or its children hears of it once. */
  fireDeleted(acl: AclList, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.#paths.count === 0) return;
    this.#stamp += 1;
    const oneShot = WatchKind.Data | WatchKind.Child;
    this.#fireOn(EventType.Deleted, ALL_KINDS, oneShot, acl, bytes, view, start, end, end);
    this.#fireAbove(EventType.Deleted, acl, bytes, view, start, end);
  }

  /** The list of children of the node at bytes[start, end) changed. */
  fireChildren(acl: AclList, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.#paths.count === 0) return;
    this.#stamp += 1;
    const type = EventType.ChildrenChanged;
    this.#fireOn(type, CHILD_KINDS, WatchKind.Child, acl, bytes, view, start, end, end);
  }

  /** All watches by path, in no order that means anything. */
  *list(): Generator<WatchedPath> {
    for (const path of this.#paths.rows()) {
      const watchers = new Map<Watcher, number>();
      let row = this.#paths.firstOf(path);
      for (; row !== NONE; row = this.#registrations.next(List.OfPath, row)) {
        const number = this.#registrations.watcherOf(row);
        watchers.set(this.#watchers.of(number), this.#registrations.kindsOf(row));
      }
      yield { path: this.#paths.bytesOf(path), watchers };
    }
  }

  /** Whether it is in Apache's data table, which is all that the words tell of. */
  isDataWatch(kinds: number): boolean {
    return (kinds & NODE_KINDS) !== 0;
  }

  summary(): WatchSummary {
    const connections = new Set<number>();
    let paths = 0;
    let watches = 0;
    for (const path of this.#paths.rows()) {
      const before = watches;
      let row = this.#paths.firstOf(path);
      for (; row !== NONE; row = this.#registrations.next(List.OfPath, row)) {
        if (!this.isDataWatch(this.#registrations.kindsOf(row))) continue;
        connections.add(this.#registrations.watcherOf(row));
        watches += 1;
      }
      if (watches > before) paths += 1;
    }
    return { connections: connections.size, paths, watches };
  }

  /** Recursive watches on the ancestors, the root last. */
  #fireAbove(
    type: number,
    acl: AclList,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    if (this.#recursiveCount === 0) return;
    for (let i = end - 1; i >= start; i -= 1) {
      if (bytes[i] !== 0x2f) continue;
      const prefixEnd = i === start ? start + 1 : i;
      if (prefixEnd === end) continue;
      this.#fireOn(type, WatchKind.Recursive, 0, acl, bytes, view, start, prefixEnd, end);
    }
  }

  /** Tells the watchers of bytes[start, watchedEnd) about the node at bytes[start, end). */
  #fireOn(
    type: number,
    kinds: number,
    oneShotKinds: number,
    acl: AclList,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    watchedEnd: number,
    end: number,
  ): void {
    assert(!this.#isTelling, 'one event is told at a time');
    const path = this.#paths.find(bytes, view, start, watchedEnd);
    if (path === NONE) return;
    const registrations = this.#registrations;
    this.#isTelling = true;
    this.#cursor = this.#paths.firstOf(path);
    while (this.#cursor !== NONE) {
      const row = this.#cursor;
      this.#cursor = registrations.next(List.OfPath, row);
      const own = registrations.kindsOf(row);
      if ((own & kinds) === 0) continue;
      const watcher = this.#watchers.of(registrations.watcherOf(row));
      if ((own & oneShotKinds) !== 0) this.#reduce(row, watcher, own, own & ~oneShotKinds);
      if (watcher.watching.stamp === this.#stamp) continue;
      watcher.watching.stamp = this.#stamp;
      // A watch is spent even where its owner may not read what happened.
      if (!this.#skipAcl && !acl.permits(Permission.Read, watcher.identities)) continue;
      this.#sink.onEvent(watcher, type, bytes, start, end);
    }
    this.#isTelling = false;
  }

  /** The registration of a watcher on a path, or NONE. */
  #find(path: number, watcher: Watcher): number {
    const { number } = watcher.watching;
    if (number === NONE) return NONE;
    const first = this.#paths.firstOf(path);
    if (this.#registrations.watcherOf(first) === number) return first;
    return this.#pairs.find(path, number);
  }

  #enter(path: number, watcher: Watcher, kinds: number): void {
    const registrations = this.#registrations;
    const { watching } = watcher;
    if (watching.number === NONE) this.#watchers.enter(watcher);
    const row = registrations.add(path, watching.number, kinds);
    const first = this.#paths.firstOf(path);
    this.#paths.setFirst(path, registrations.append(List.OfPath, first, row));
    watching.first = registrations.append(List.OfWatcher, watching.first, row);
    if (first === NONE) watching.longPathBytes += this.#paths.longBytesOf(path);
    else this.#pairs.insert(row);
  }

  /** Leaves a registration fewer kinds, and drops it when it has none. */
  #reduce(row: number, watcher: Watcher, before: number, after: number): void {
    this.#recount(before, after);
    if (after === 0) this.#drop(row, watcher);
    else this.#registrations.setKinds(row, after);
  }

  #drop(row: number, watcher: Watcher): void {
    const registrations = this.#registrations;
    const { watching } = watcher;
    const path = registrations.pathOf(row);
    if (row === this.#cursor) this.#cursor = registrations.next(List.OfPath, row);
    const first = this.#paths.firstOf(path);
    const newFirst = registrations.remove(List.OfPath, first, row);
    if (row === first) this.#handOver(path, watcher, newFirst);
    else this.#pairs.remove(row);
    watching.first = registrations.remove(List.OfWatcher, watching.first, row);
    if (watching.first === NONE) this.#watchers.leave(watcher);
    registrations.release(row);
  }

  /** A path's first watcher leaves it to the next, if there is one. */
  #handOver(path: number, watcher: Watcher, newFirst: number): void {
    const longBytes = this.#paths.longBytesOf(path);
    watcher.watching.longPathBytes -= longBytes;
    if (newFirst === NONE) {
      this.#paths.remove(path);
      return;
    }
    this.#pairs.remove(newFirst);
    this.#paths.setFirst(path, newFirst);
    if (longBytes === 0) return;
    const heir = this.#watchers.of(this.#registrations.watcherOf(newFirst));
    heir.watching.longPathBytes += longBytes;
  }

  #recount(before: number, after: number): void {
    this.#recursiveCount += bit(after, WatchKind.Recursive) - bit(before, WatchKind.Recursive);
    this.count += tables(after) - tables(before);
  }
}

function bit(kinds: number, kind: number): number {
  return (kinds & kind) === 0 ? 0 : 1;
}

/** In how many of Apache's two tables a registration counts. */
function tables(kinds: number): number {
  return ((kinds & NODE_KINDS) === 0 ? 0 : 1) + ((kinds & CHILD_KINDS) === 0 ? 0 : 1);
}
