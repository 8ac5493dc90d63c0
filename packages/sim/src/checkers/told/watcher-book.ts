/**
 * Who waits for what, as one must believe who has seen a session's answers and events: the plainest
 * book of watchers, for comparing the session's own with.
 */
import { AddWatchMode, ErrorCode, EventType, Opcode, WatcherType } from '@zabra/wire';
import type { Operation, SessionLife, Unwatched } from '../../people/journal.ts';

export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive';

interface Entry {
  readonly kind: WatchKind;
  readonly path: string;
  readonly watcher: number;
}

const kindsOfType: ReadonlyMap<number, readonly WatchKind[]> = new Map([
  [WatcherType.Data, ['data', 'exist']],
  [WatcherType.Children, ['child']],
  [WatcherType.Persistent, ['persistent']],
  [WatcherType.PersistentRecursive, ['recursive']],
  [WatcherType.Any, ['data', 'exist', 'child', 'persistent', 'recursive']],
]);

export class WatcherBook {
  readonly #unwatched: readonly Unwatched[];
  #entries: Entry[] = [];
  #removals = 0;

  constructor({ unwatched }: SessionLife) {
    this.#unwatched = unwatched;
  }

  /** Names of all that is watched, each kind and path once. */
  get names(): Set<string> {
    return new Set(this.#entries.map(({ kind, path }) => `${kind} ${path}`));
  }

  /** Takes off whoever was taken off by the user when so much had come. */
  upTo(heardCount: number): void {
    for (; this.#removals < this.#unwatched.length; this.#removals += 1) {
      const { what, heardCount: at } = this.#unwatched[this.#removals]!;
      if (at > heardCount) return;
      const kinds = kindsOfType.get(what.type) ?? [];
      this.#entries = this.#entries.filter(
        ({ kind, path, watcher }) =>
          path !== what.path ||
          !kinds.includes(kind) ||
          (what.watcher !== null && what.watcher !== watcher),
      );
    }
  }

  onAnswer(operation: Operation): void {
    const { wish } = operation;
    const kind = kindSet(operation);
    if (wish === null || wish.watcher === 0 || kind === null) return;
    const { watcher } = wish;
    const path = (operation.ask.body as { readonly path: string }).path;
    const isThere = this.#entries.some(
      (one) => one.kind === kind && one.path === path && one.watcher === watcher,
    );
    if (!isThere) this.#entries.push({ kind, path, watcher });
  }

  /** Who is to be told, in the order of their numbers; what tells once is gone. */
  fire(type: number, path: string): number[] {
    const told = this.#entries.filter((entry) => hears(entry, type, path));
    if (told.length === 0) return [];
    this.#entries = this.#entries.filter(
      (entry) => isLasting(entry.kind) || !hears(entry, type, path),
    );
    return [...new Set(told.map(({ watcher }) => watcher))].sort((a, b) => a - b);
  }
}

function isLasting(kind: WatchKind): boolean {
  return kind === 'persistent' || kind === 'recursive';
}

function hears({ kind, path }: Entry, type: number, changed: string): boolean {
  if (kind === 'recursive') {
    const below = path === '/' ? '/' : `${path}/`;
    return type !== EventType.ChildrenChanged && (path === changed || changed.startsWith(below));
  }
  if (path !== changed) return false;
  if (kind === 'persistent') return true;
  if (kind === 'child') return type === EventType.ChildrenChanged || type === EventType.Deleted;
  return type !== EventType.ChildrenChanged;
}

/** Which watch an answer says to have been set. */
function kindSet({ ask, answer }: Operation): WatchKind | null {
  const { error } = answer!;
  switch (ask.type) {
    case Opcode.Exists:
      if (!ask.body.watch) return null;
      if (error === ErrorCode.NoNode) return 'exist';
      return error === ErrorCode.Ok ? 'data' : null;
    case Opcode.GetData:
      return ask.body.watch && error === ErrorCode.Ok ? 'data' : null;
    case Opcode.GetChildren2:
      return ask.body.watch && error === ErrorCode.Ok ? 'child' : null;
    case Opcode.AddWatch:
      if (error !== ErrorCode.Ok) return null;
      return ask.body.mode === AddWatchMode.Persistent ? 'persistent' : 'recursive';
    default:
      return null;
  }
}
