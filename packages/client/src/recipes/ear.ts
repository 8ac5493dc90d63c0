/**
 * Hears of changes of some nodes, for as long as anybody listens: one watch for each, however
 * many wait.
 */
import type { Watch, WatchEventType, ZooKeeper } from '../public.ts';

export class Ear {
  /** How often something was heard. */
  heard = 0;
  readonly #zk: ZooKeeper;
  readonly #paths: readonly string[];
  readonly #types: readonly WatchEventType[];
  readonly #waiting = new Set<() => void>();
  readonly ring = (): void => {
    this.heard += 1;
    for (const done of [...this.#waiting]) done();
  };
  #listeners = 0;
  #watches: readonly Watch[] = [];

  constructor(zk: ZooKeeper, paths: readonly string[], types: readonly WatchEventType[]) {
    this.#zk = zk;
    this.#paths = paths;
    this.#types = types;
  }

  get isOpen(): boolean {
    return this.#listeners > 0;
  }

  /** From when it resolves nothing is missed, until `close` is called once for each `open`. */
  async open(): Promise<void> {
    this.#listeners += 1;
    if (this.#listeners === 1) {
      // Whoever waits on a client that is closed asks it again, and hears of that.
      this.#zk.on('closed', this.ring);
      this.#watches = this.#paths.map((path) => this.#watch(path));
    }
    await Promise.all(this.#watches.map(({ armed }) => armed));
  }

  close(): void {
    this.#listeners -= 1;
    if (this.#listeners > 0) return;
    this.#zk.off('closed', this.ring);
    for (const watch of this.#watches) void watch.close();
    this.#watches = [];
  }

  /** Calls `done` when something is heard after `heard`. */
  onNext(heard: number, done: () => void): () => void {
    if (this.heard !== heard) done();
    else this.#waiting.add(done);
    return () => this.#waiting.delete(done);
  }

  #watch(path: string): Watch {
    return this.#zk.watch(path, { types: this.#types, listener: this.ring });
  }
}
