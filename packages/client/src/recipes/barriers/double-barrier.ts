/**
 * All enter together and leave together. A member is an ephemeral node, and `ready` the sign that all
 * are in. Curator's and kazoo's count differently: one barrier belongs to the programs of one of them.
 *
 *   enter   the own node; then wait until there are enough, or `ready` is there
 *   leave   the lowest waits for the highest to go, every other for the lowest: nobody wakes all
 */
import { type Abortable, isZooKeeperError, type ZooKeeper } from '../../public.ts';
import { childPath } from '../child-path.ts';
import { isCut } from '../cut.ts';
import { Ear } from '../ear.ts';
import { ForeignLayoutError } from '../foreign-layout.ts';
import { steadily } from '../steady.ts';
import { untilCalled, untilSettled } from '../until-called.ts';
import { withinLimits } from '../within-limits.ts';

export type DoubleBarrierLayout = 'curator' | 'kazoo';

const READY = 'ready';

const names: Readonly<Record<DoubleBarrierLayout, { what: string; pattern: RegExp }>> = {
  curator: {
    what: "a member of Curator's double barrier",
    pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  },
  kazoo: { what: "a member of kazoo's double barrier", pattern: /^[0-9a-f]{32}$/ },
};

export class DoubleBarrier {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #members: number;
  readonly #layout: DoubleBarrierLayout;
  readonly #name: string;

  constructor(
    zk: ZooKeeper,
    path: string,
    members: number,
    options: { readonly layout?: DoubleBarrierLayout } = {},
  ) {
    this.path = path;
    this.#zk = steadily(zk);
    this.#members = members;
    this.#layout = options.layout ?? 'curator';
    const id = crypto.randomUUID();
    this.#name = this.#layout === 'curator' ? id : id.replaceAll('-', '');
  }

  /** Resolves when as many have entered as there are members. Who gives up is not among them. */
  async enter(options: Abortable = {}): Promise<void> {
    await withinLimits('enter', this.path, options, async (signal) => {
      try {
        await this.#listened(this.#readyPath, ['created'], signal, (ear) =>
          this.#enter(ear, signal),
        );
      } catch (error) {
        void this.#remove(undefined).catch(() => {});
        throw error;
      }
    });
  }

  /** Resolves when all have left. */
  async leave(options: Abortable = {}): Promise<void> {
    await withinLimits('leave', this.path, options, async (signal) => {
      if (this.#layout === 'kazoo') await this.#removeReady(signal);
      await this.#leave(signal);
      if (this.#layout === 'curator') await this.#removeReady(signal);
    });
  }

  get #readyPath(): string {
    return childPath(this.path, READY);
  }

  get #own(): string {
    return childPath(this.path, this.#name);
  }

  async #enter(ear: Ear, signal: AbortSignal | undefined): Promise<void> {
    await this.#add(signal);
    for (;;) {
      const { heard } = ear;
      const there = await this.#there(signal);
      if (!there.includes(this.#name)) await this.#add(signal);
      else if (there.includes(READY)) return;
      else if (there.length >= this.#members) {
        await this.#create(this.#readyPath, 'persistent', signal);
        return;
      } else {
        await untilCalled({ op: 'enter', path: this.path, signal }, (done) =>
          ear.onNext(heard, done),
        );
      }
    }
  }

  async #leave(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const members = (await this.#there(signal)).filter((name) => name !== READY).sort();
      const isIn = members.includes(this.#name);
      if (members.length === 0) return;
      if (members.length === 1 && isIn) {
        await this.#remove(signal);
        return;
      }
      const isLowest = members[0] === this.#name;
      const other = isLowest ? members.at(-1)! : members[0]!;
      if (isIn && !isLowest) await this.#remove(signal);
      await this.#untilGone(childPath(this.path, other), signal);
    }
  }

  #untilGone(path: string, signal: AbortSignal | undefined): Promise<void> {
    return this.#listened(path, ['deleted'], signal, async (ear) => {
      for (;;) {
        const { heard } = ear;
        if ((await this.#zk.exists(path, { signal })) === null) return;
        await untilCalled({ op: 'leave', path: this.path, signal }, (done) =>
          ear.onNext(heard, done),
        );
      }
    });
  }

  async #listened(
    path: string,
    types: readonly ('created' | 'deleted')[],
    signal: AbortSignal | undefined,
    body: (ear: Ear) => Promise<void>,
  ): Promise<void> {
    const ear = new Ear(this.#zk, [path], types);
    try {
      await untilSettled(ear.open(), { op: 'wait', path: this.path, signal });
      await body(ear);
    } finally {
      ear.close();
    }
  }

  /** Throws if members of the other layout are there. */
  async #there(signal: AbortSignal | undefined): Promise<readonly string[]> {
    const there = await this.#zk.children(this.path, { signal }).then(
      (list) => list.names,
      (error) => {
        if (isZooKeeperError(error, 'NoNode')) return [];
        throw error;
      },
    );
    const other = names[this.#layout === 'curator' ? 'kazoo' : 'curator'];
    const foreign = there.find((name) => other.pattern.test(name));
    if (foreign === undefined) return there;
    const ours = `a double barrier of the layout ${this.#layout}`;
    throw new ForeignLayoutError(this.path, foreign, other.what, ours);
  }

  async #add(signal: AbortSignal | undefined): Promise<void> {
    await this.#there(signal);
    await this.#create(this.#own, 'ephemeral', signal);
  }

  /** That it is there already is as good: names of members are their own. */
  async #create(
    path: string,
    mode: 'ephemeral' | 'persistent',
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (;;) {
      try {
        const parents = this.#layout === 'curator' ? 'container' : true;
        await this.#zk.create(path, '', { mode, parents, signal });
        return;
      } catch (error) {
        if (isZooKeeperError(error, 'NodeExists')) return;
        if (!isCut(error)) throw error;
      }
      await this.#zk.ready({ signal });
    }
  }

  async #remove(signal: AbortSignal | undefined): Promise<void> {
    await this.#delete(this.#own, signal);
  }

  async #removeReady(signal: AbortSignal | undefined): Promise<void> {
    await this.#delete(this.#readyPath, signal);
  }

  async #delete(path: string, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      try {
        await this.#zk.delete(path, { missingOk: true, guaranteed: true, signal });
        return;
      } catch (error) {
        if (!isCut(error)) throw error;
      }
      await this.#zk.ready({ signal });
    }
  }
}
