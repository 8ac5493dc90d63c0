/** Rings when something changes at any of several nodes, also while nobody listens: then at once. */
import type { Watch, ZooKeeper } from '../public.ts';
import { untilCalled } from './until-called.ts';

export class Bell implements AsyncDisposable {
  readonly #zk: ZooKeeper;
  readonly #watches: Watch[] = [];
  readonly #ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
  };
  #isRung = false;
  #wake: (() => void) | null = null;

  constructor(zk: ZooKeeper) {
    this.#zk = zk;
    zk.on('closed', this.#ring);
  }

  get isHung(): boolean {
    return this.#watches.length > 0;
  }

  /** From then on no change is missed: whoever hangs it up looks once more. */
  async hang(paths: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    for (const path of paths) {
      const watch = this.#zk.watch(path, { listener: this.#ring, signal });
      this.#watches.push(watch);
      await watch.armed;
    }
  }

  async heard(path: string, signal: AbortSignal | undefined): Promise<void> {
    await untilCalled({ op: 'wait', path, signal }, (done) => {
      this.#wake = done;
      if (this.#isRung) done();
      return () => {
        this.#wake = null;
      };
    });
    this.#isRung = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#zk.off('closed', this.#ring);
    await Promise.all(this.#watches.map((watch) => watch.close().catch(() => {})));
  }
}
