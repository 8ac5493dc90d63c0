/**
 * Who watches what. Watches belong to a connection, not to a session: they are this server's alone
 * and go with the connection. An entry stands for a path, whether or not a node is there.
 *
 * One change gives one connection one event, however many of its registrations match it.
 */
import { EventType, Permission } from '@zabra/wire';
import type { AclList } from '../acl/acl-list.ts';
import type { Identities } from '../acl/identity.ts';
import { copied } from '../copied.ts';
import { type HashKey, hashPath } from '../path-hash.ts';

/** Kinds of registration on one path, a set of bits per connection. */
export const WatchKind = {
  Data: 1,
  Child: 2,
  Persistent: 4,
  Recursive: 8,
} as const;

/** What hears of changes to the node itself. */
const NODE_KINDS = WatchKind.Data | WatchKind.Persistent | WatchKind.Recursive;
/** What hears of changes to the list of children. */
const CHILD_KINDS = WatchKind.Child | WatchKind.Persistent;
const ALL_KINDS = NODE_KINDS | WatchKind.Child;

/** A connection, as far as watches know it. */
export interface Watcher {
  readonly watchEntries: Set<WatchEntry>;
  /** The last event it was told of, so that it is told once. */
  watchStamp: number;
  readonly identities: Identities;
}

export class WatchEntry {
  readonly hash: number;
  readonly path: Uint8Array;
  readonly watchers: Map<Watcher, number> = new Map();
  /** Another path with the same hash. */
  next: WatchEntry | null = null;

  constructor(hash: number, path: Uint8Array) {
    this.hash = hash;
    this.path = path;
  }
}

/** Where events go. */
export interface EventSink {
  /** The event's path lies in bytes[start, end); borrowed for the call. */
  onEvent(watcher: Watcher, type: number, bytes: Uint8Array, start: number, end: number): void;
}

export interface WatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

export class WatchTable {
  readonly #entries = new Map<number, WatchEntry>();
  readonly #hashKey: HashKey;
  readonly #sink: EventSink;
  readonly #skipAcl: boolean;
  #stamp = 0;
  #recursiveCount = 0;
  /** Registrations, a connection counting once for each table Apache would list it in. */
  count = 0;

  constructor(hashKey: HashKey, sink: EventSink, skipAcl: boolean) {
    this.#hashKey = hashKey;
    this.#sink = sink;
    this.#skipAcl = skipAcl;
  }

  add(
    watcher: Watcher,
    kind: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const hash = hashPath(this.#hashKey, view, start, end);
    const entry =
      this.#find(hash, bytes, start, end) ?? this.#create(hash, copied(bytes, start, end));
    const before = entry.watchers.get(watcher) ?? 0;
    this.#set(entry, watcher, before, before | kind);
    watcher.watchEntries.add(entry);
  }

  /** Which kinds this watcher has on exactly this path. */
  kindsOf(watcher: Watcher, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashPath(this.#hashKey, view, start, end);
    return this.#find(hash, bytes, start, end)?.watchers.get(watcher) ?? 0;
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
    const hash = hashPath(this.#hashKey, view, start, end);
    const entry = this.#find(hash, bytes, start, end);
    const before = entry?.watchers.get(watcher) ?? 0;
    if (entry === null || (before & kinds) === 0) return false;
    this.#set(entry, watcher, before, before & ~kinds);
    return true;
  }

  /** Forgets everything of a connection that is gone. */
  removeAll(watcher: Watcher): void {
    for (const entry of [...watcher.watchEntries]) {
      this.#set(entry, watcher, entry.watchers.get(watcher) ?? 0, 0);
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
    if (this.#entries.size === 0) return;
    this.#stamp += 1;
    this.#fireOn(type, NODE_KINDS, WatchKind.Data, acl, bytes, view, start, end, end);
    this.#fireAbove(type, acl, bytes, view, start, end);
  }

  /** A node was deleted: whoever watches it or its children hears of it once. */
  fireDeleted(acl: AclList, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.#entries.size === 0) return;
    this.#stamp += 1;
    const oneShot = WatchKind.Data | WatchKind.Child;
    this.#fireOn(EventType.Deleted, ALL_KINDS, oneShot, acl, bytes, view, start, end, end);
    this.#fireAbove(EventType.Deleted, acl, bytes, view, start, end);
  }

  /** The list of children of the node at bytes[start, end) changed. */
  fireChildren(acl: AclList, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.#entries.size === 0) return;
    this.#stamp += 1;
    const type = EventType.ChildrenChanged;
    this.#fireOn(type, CHILD_KINDS, WatchKind.Child, acl, bytes, view, start, end, end);
  }

  /** Paths in the data table with their watchers, which is all that the words list. */
  *dataWatches(): Generator<WatchEntry> {
    for (let entry of this.#entries.values()) {
      for (;;) {
        for (const kinds of entry.watchers.values()) {
          if ((kinds & NODE_KINDS) === 0) continue;
          yield entry;
          break;
        }
        if (entry.next === null) break;
        entry = entry.next;
      }
    }
  }

  isDataWatch(kinds: number): boolean {
    return (kinds & NODE_KINDS) !== 0;
  }

  summary(): WatchSummary {
    const connections = new Set<Watcher>();
    let paths = 0;
    let watches = 0;
    for (const entry of this.dataWatches()) {
      paths += 1;
      for (const [watcher, kinds] of entry.watchers) {
        if (!this.isDataWatch(kinds)) continue;
        connections.add(watcher);
        watches += 1;
      }
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
    const hash = hashPath(this.#hashKey, view, start, watchedEnd);
    const entry = this.#find(hash, bytes, start, watchedEnd);
    if (entry === null) return;
    for (const [watcher, own] of entry.watchers) {
      if ((own & kinds) === 0) continue;
      if ((own & oneShotKinds) !== 0) this.#set(entry, watcher, own, own & ~oneShotKinds);
      if (watcher.watchStamp === this.#stamp) continue;
      watcher.watchStamp = this.#stamp;
      // A watch is spent even where its owner may not read what happened.
      if (!this.#skipAcl && !acl.permits(Permission.Read, watcher.identities)) continue;
      this.#sink.onEvent(watcher, type, bytes, start, end);
    }
  }

  #set(entry: WatchEntry, watcher: Watcher, before: number, after: number): void {
    this.#recursiveCount += bit(after, WatchKind.Recursive) - bit(before, WatchKind.Recursive);
    this.count += tables(after) - tables(before);
    if (after !== 0) {
      entry.watchers.set(watcher, after);
      return;
    }
    entry.watchers.delete(watcher);
    watcher.watchEntries.delete(entry);
    if (entry.watchers.size === 0) this.#drop(entry);
  }

  #find(hash: number, bytes: Uint8Array, start: number, end: number): WatchEntry | null {
    let entry = this.#entries.get(hash) ?? null;
    while (entry !== null && !isPath(entry.path, bytes, start, end)) entry = entry.next;
    return entry;
  }

  #create(hash: number, path: Uint8Array): WatchEntry {
    const entry = new WatchEntry(hash, path);
    entry.next = this.#entries.get(hash) ?? null;
    this.#entries.set(hash, entry);
    return entry;
  }

  #drop(entry: WatchEntry): void {
    const first = this.#entries.get(entry.hash) ?? null;
    if (first === entry) {
      if (entry.next === null) this.#entries.delete(entry.hash);
      else this.#entries.set(entry.hash, entry.next);
      return;
    }
    let at = first;
    while (at !== null && at.next !== entry) at = at.next;
    if (at !== null) at.next = entry.next;
  }
}

function isPath(path: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (path.length !== end - start) return false;
  for (let i = path.length - 1; i >= 0; i -= 1) if (path[i] !== bytes[start + i]) return false;
  return true;
}

function bit(kinds: number, kind: number): number {
  return (kinds & kind) === 0 ? 0 : 1;
}

/** In how many of Apache's two tables a registration counts. */
function tables(kinds: number): number {
  return ((kinds & NODE_KINDS) === 0 ? 0 : 1) + ((kinds & CHILD_KINDS) === 0 ? 0 : 1);
}
