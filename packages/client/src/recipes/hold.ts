/** One of the handles on an owned node: the node goes with the last of them. */
import type { Abortable } from '../public.ts';
import { type Held, type HeldState, OwnershipLostError } from './held.ts';
import type { OwnedNode } from './owned-node.ts';

interface Shared {
  readonly node: OwnedNode;
  handles: number;
}

export class Hold implements Held {
  readonly #shared: Shared;
  #released: Promise<void> | null = null;

  private constructor(shared: Shared) {
    this.#shared = shared;
    shared.handles += 1;
  }

  static of(node: OwnedNode): Hold {
    return new Hold({ node, handles: 0 });
  }

  get node(): OwnedNode {
    return this.#shared.node;
  }

  get path(): string {
    return this.node.place.path;
  }

  get signal(): AbortSignal {
    return this.node.signal;
  }

  get fencingToken(): bigint {
    return this.node.place.czxid;
  }

  get state(): HeldState {
    return this.#released === null ? this.node.state : 'released';
  }

  get isAlone(): boolean {
    return this.#shared.handles === 1;
  }

  /** Another handle: whoever has this one need not wait. */
  share(): Hold {
    if (this.state === 'held') return new Hold(this.#shared);
    throw new OwnershipLostError(this.path, `it is ${this.state}`);
  }

  async verify(options: Abortable = {}): Promise<boolean> {
    return this.#released === null && (await this.node.verify(options));
  }

  release(options: Abortable = {}): Promise<void> {
    this.#released ??= this.#release(options);
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #release(options: Abortable): Promise<void> {
    this.#shared.handles -= 1;
    if (this.#shared.handles === 0) await this.node.release(options);
  }
}
