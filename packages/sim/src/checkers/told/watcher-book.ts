/**
 * Who waits for what, as one must believe who has seen a session's answers and events: the plainest
 * book of watchers, for comparing the session's own with.
 */
import type { Operation, SessionLife, Unwatched } from '../../people/journal.ts';
import { hears, isLasting, kindsOfType, type Watched, watchSet } from '../watch-kinds.ts';

interface Entry extends Watched {
  readonly watcher: number;
}

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
    const watched = watchSet(operation);
    if (wish === null || wish.watcher === 0 || watched === null) return;
    const { watcher } = wish;
    const { kind, path } = watched;
    const isThere = this.#entries.some(
      (one) => one.kind === kind && one.path === path && one.watcher === watcher,
    );
    if (!isThere) this.#entries.push({ kind, path, watcher });
  }

  /** Who is to be told, in the order of their numbers; what tells once is gone. */
  fire(type: number, path: string): number[] {
    const told = this.#entries.filter((entry) => hears(entry, type, path));
    if (told.length === 0) return [];
    this.#entries = this.#entries.filter((entry) => isLasting(entry) || !hears(entry, type, path));
    return [...new Set(told.map(({ watcher }) => watcher))].sort((a, b) => a - b);
  }
}
