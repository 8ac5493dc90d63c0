/**
 * A node that is there while its owner wants it: deleted by others, or gone with a session, it is made
 * again. As Curator's PersistentNode does it: a node that is there already is taken over.
 */
import { encodeUtf8 } from '@zabra/wire';
import {
  type Abortable,
  ClientClosedError,
  type CreateOptions,
  type Data,
  isZooKeeperError,
  type Watch,
  type ZooKeeper,
} from '../../public.ts';
import { isCut } from '../cut.ts';
import { steadily } from '../steady.ts';
import { untilCalled, untilSettled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';

/** What kind of node; `ephemeral` unless it is said. What is missing above it are containers. */
export type PersistentNodeOptions = Abortable &
  Pick<CreateOptions, 'mode' | 'ttl' | 'acl' | 'parents'>;

export class PersistentNode implements AsyncDisposable {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #options: PersistentNodeOptions;
  readonly #ended = new AbortController();
  #data: Data;
  #watch: Watch | null = null;
  /** The node has this data. */
  #isThere = false;
  #isBusy = false;
  #isOutdated = false;
  #onStep: Set<() => void> = new Set();
  #failure: { readonly error: unknown } | null = null;

  static async open(
    zk: ZooKeeper,
    path: string,
    data: Data,
    options: PersistentNodeOptions = {},
  ): Promise<PersistentNode> {
    const node = new PersistentNode(zk, path, data, options);
    try {
      await withinLimits('persistentNode', path, options, (signal) => node.#begin(signal));
    } catch (error) {
      void node.close().catch(() => {});
      throw error;
    }
    return node;
  }

  private constructor(zk: ZooKeeper, path: string, data: Data, options: PersistentNodeOptions) {
    this.path = path;
    this.#zk = steadily(zk);
    this.#data = data;
    this.#options = options;
  }

  /** Whether the node is known to be there, with its data. */
  get isThere(): boolean {
    return this.#isThere && this.#zk.state === 'connected';
  }

  /** The data from now on, of this node and of every one that is made in its place. */
  async set(data: Data, options: Abortable = {}): Promise<void> {
    this.#data = data;
    this.#isThere = false;
    this.#look();
    await withinLimits('set', this.path, options, (signal) => this.#untilThere(signal));
  }

  /** Nothing is made any more, and the node is deleted. */
  async close(options: Abortable = {}): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#isThere = false;
    this.#step();
    void this.#watch?.close();
    // What is under way would make it again.
    while (this.#isBusy) await new Promise<void>((resolve) => this.#onStep.add(resolve));
    try {
      await this.#zk.delete(this.path, { ...options, missingOk: true, guaranteed: true });
    } catch (error) {
      const goesAnyway = isCut(error) || isZooKeeperError(error, 'Closed');
      if (!goesAnyway) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    const listener = (): void => this.#look();
    this.#zk.on('closed', listener, { signal: this.#ended.signal });
    this.#watch = this.#zk.watch(this.path, { types: ['deleted'], listener });
    await untilSettled(this.#watch.armed, { op: 'persistentNode', path: this.path, signal });
    this.#look();
    await this.#untilThere(signal);
  }

  async #untilThere(signal: AbortSignal | undefined): Promise<void> {
    while (!this.#isThere) {
      if (this.#failure !== null) throw this.#failure.error;
      if (this.#ended.signal.aborted) {
        throw new ClientClosedError('Closed', `persistentNode ${this.path}: it was closed`);
      }
      await untilCalled({ op: 'persistentNode', path: this.path, signal }, (done) => {
        this.#onStep.add(done);
        return () => this.#onStep.delete(done);
      });
    }
  }

  /** Whatever was heard of the node: it is looked at again, once at a time. */
  #look(): void {
    if (this.#isBusy) {
      this.#isOutdated = true;
      return;
    }
    this.#isBusy = true;
    void this.#keep().finally(() => {
      this.#isBusy = false;
      this.#step();
    });
  }

  async #keep(): Promise<void> {
    do {
      this.#isOutdated = false;
      try {
        await this.#make();
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        if (!isCut(error) || this.#zk.state === 'closed') {
          this.#failure = { error };
          this.#isThere = false;
          return;
        }
        await this.#zk.ready({ signal: this.#ended.signal }).catch(() => {});
        this.#isOutdated = true;
      }
    } while (this.#isOutdated && !this.#ended.signal.aborted);
  }

  async #make(): Promise<void> {
    const { signal } = this.#ended;
    const { mode = 'ephemeral', ttl, acl, parents = 'container' } = this.#options;
    const kind = ttl === undefined ? { mode } : { ttl };
    const data = this.#data;
    try {
      await this.#zk.create(this.path, data, { ...kind, acl, parents, signal });
    } catch (error) {
      if (!isZooKeeperError(error, 'NodeExists')) throw error;
      await this.#takeOver(data);
    }
    this.#isThere = data === this.#data && !this.#isOutdated;
    this.#failure = null;
    this.#step();
  }

  /** Of a node that is there already; if it goes meanwhile, that is heard of. */
  async #takeOver(data: Data): Promise<void> {
    const { signal } = this.#ended;
    try {
      const node = await this.#zk.get(this.path, { signal });
      if (!isEqual(node.data, bytesOf(data))) await this.#zk.set(this.path, data, { signal });
    } catch (error) {
      if (!isZooKeeperError(error, 'NoNode')) throw error;
      this.#isOutdated = true;
    }
  }

  #step(): void {
    for (const done of [...this.#onStep]) done();
    this.#onStep.clear();
  }
}

function bytesOf(data: Data): Uint8Array {
  return typeof data === 'string' ? encodeUtf8(data) : data;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
