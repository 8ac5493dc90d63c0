/**
 * Who waits for what: watchers by kind and path of the server. It is what the server is believed to
 * have armed for this session, and what is set again on a new connection.
 *
 * One-shot watches leave it with the event that fires them. A wish is a request under way that will
 * put a watch here if it is answered so.
 */
import { EventType } from '@zabra/wire';

export const WatchKind = { Data: 0, Exist: 1, Child: 2, Persistent: 3, Recursive: 4 } as const;
export type WatchKind = (typeof WatchKind)[keyof typeof WatchKind];

export const allKinds: readonly WatchKind[] = Object.values(WatchKind);

/** Which one-shot watches an event fires. */
const fires: ReadonlyMap<number, readonly WatchKind[]> = new Map([
  [EventType.Created, [WatchKind.Data, WatchKind.Exist]],
  [EventType.DataChanged, [WatchKind.Data, WatchKind.Exist]],
  [EventType.ChildrenChanged, [WatchKind.Child]],
  [EventType.Deleted, [WatchKind.Data, WatchKind.Exist, WatchKind.Child]],
]);

type PathWatchers = Map<string, Set<number>>;

export class WatchBook {
  readonly #kinds: readonly PathWatchers[] = allKinds.map(() => new Map());
  readonly #wishes = new Map<string, number>();
  #wishCount = 0;
  #count = 0;
  /** No longer path has a recursive watch: ancestors are looked up no further than this. */
  #recursiveLengthMax = 0;

  /** Watches and wishes together. */
  get count(): number {
    return this.#count + this.#wishCount;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  wish(path: string): void {
    this.#wishCount += 1;
    this.#wishes.set(path, (this.#wishes.get(path) ?? 0) + 1);
  }

  /** The request has ended, however it did. */
  unwish(path: string): void {
    const left = (this.#wishes.get(path) ?? 0) - 1;
    this.#wishCount -= 1;
    if (left > 0) this.#wishes.set(path, left);
    else this.#wishes.delete(path);
  }

  hasWish(path: string): boolean {
    return this.#wishes.has(path);
  }

  add(kind: WatchKind, path: string, watcher: number): void {
    const watchers = this.#kinds[kind]!.get(path) ?? new Set();
    if (watchers.has(watcher)) return;
    this.#kinds[kind]!.set(path, watchers.add(watcher));
    this.#count += 1;
    if (kind === WatchKind.Recursive) {
      this.#recursiveLengthMax = Math.max(this.#recursiveLengthMax, path.length);
    }
  }

  /** Who is to be told of an event, each once; one-shot watches that it fires are gone. */
  fire(type: number, path: string): readonly number[] {
    const kinds = fires.get(type);
    if (kinds === undefined) return [];
    const told = new Set<number>();
    for (const kind of kinds) this.#take(kind, path, told);
    this.#collect(WatchKind.Persistent, path, told);
    if (type !== EventType.ChildrenChanged) this.#collectAncestors(path, told);
    return [...told];
  }

  isWatched(kind: WatchKind, path: string): boolean {
    return this.#kinds[kind]!.has(path);
  }

  /** Takes a watcher, or everybody for null, off a path; who is gone. */
  remove(kind: WatchKind, path: string, watcher: number | null): readonly number[] {
    const watchers = this.#kinds[kind]!.get(path);
    if (watchers === undefined) return [];
    if (watcher !== null && !watchers.has(watcher)) return [];
    const gone = watcher === null ? [...watchers] : [watcher];
    for (const one of gone) watchers.delete(one);
    this.#count -= gone.length;
    if (watchers.size === 0) this.#kinds[kind]!.delete(path);
    return gone;
  }

  /** Paths with watches of a kind. Watches may go while they are listed; none may come. */
  paths(kind: WatchKind): IterableIterator<string> {
    return this.#kinds[kind]!.keys();
  }

  #take(kind: WatchKind, path: string, told: Set<number>): void {
    const watchers = this.#kinds[kind]!.get(path);
    if (watchers === undefined) return;
    for (const watcher of watchers) told.add(watcher);
    this.#count -= watchers.size;
    this.#kinds[kind]!.delete(path);
  }

  #collect(kind: WatchKind, path: string, told: Set<number>): void {
    for (const watcher of this.#kinds[kind]!.get(path) ?? []) told.add(watcher);
  }

  /** The path itself and all above it. */
  #collectAncestors(path: string, told: Set<number>): void {
    if (this.#kinds[WatchKind.Recursive]!.size === 0) return;
    this.#collect(WatchKind.Recursive, '/', told);
    const end = Math.min(path.length, this.#recursiveLengthMax + 1);
    for (let i = 1; i < end; i += 1) {
      if (path[i] === '/') this.#collect(WatchKind.Recursive, path.slice(0, i), told);
    }
    this.#collect(WatchKind.Recursive, path, told);
  }
}
