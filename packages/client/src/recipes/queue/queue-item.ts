/**
 * An item that was taken. Until it is acknowledged it stays in the queue, hidden from others by a
 * claim: whoever gives it back, or dies, leaves it to them.
 */
import { type Abortable, type Op, op } from '../../public.ts';
import type { Claim } from './claim.ts';

export interface QueueItem<T> extends AsyncDisposable {
  /** Of the kind `id` that which it was put with, else the name of its node. */
  readonly id: string;
  readonly value: T;
  /** Aborts when the claim is lost with its session: somebody else may have the item. */
  readonly signal: AbortSignal;
  /** It is done, and leaves the queue. False if the claim was lost before. */
  ack(options?: Abortable): Promise<boolean>;
  /** It goes back to its place. */
  nack(options?: Abortable): Promise<void>;
  /** It goes back behind all others. False if the claim was lost before. */
  requeue(options?: Abortable): Promise<boolean>;
}

export interface TakenFacts {
  readonly claim: Claim;
  /** What the name begins with under which an item is put again. */
  readonly prefixPath: string;
  readonly encode: (items: readonly Uint8Array[]) => Uint8Array;
  readonly onEnd: () => void;
}

/** A node that was taken, with its items: Curator's producers can put several into one. */
export class TakenNode {
  readonly #facts: TakenFacts;
  /** Those that are not done. */
  readonly #rest: Set<Uint8Array>;
  /** Those that nobody has said anything of. */
  readonly #open: Set<Uint8Array>;
  /** One step at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(items: readonly Uint8Array[], facts: TakenFacts) {
    this.#facts = facts;
    this.#rest = new Set(items);
    this.#open = new Set(items);
  }

  get signal(): AbortSignal {
    return this.#facts.claim.signal;
  }

  done(bytes: Uint8Array, isAgain: boolean, options: Abortable): Promise<boolean> {
    return this.#inTurn(async () => {
      const { claim, encode, prefixPath } = this.#facts;
      const again: Op[] = isAgain
        ? [op.create(prefixPath, encode([bytes]), { sequential: true })]
        : [];
      const rest = [...this.#rest].filter((other) => other !== bytes);
      const isDone =
        rest.length === 0
          ? await claim.finish(again, options)
          : await claim.keep(encode(rest), again, options);
      this.#rest.delete(bytes);
      await this.#settle(bytes, options);
      return isDone;
    });
  }

  giveBack(bytes: Uint8Array, options: Abortable): Promise<void> {
    return this.#inTurn(() => this.#settle(bytes, options));
  }

  async #settle(bytes: Uint8Array, options: Abortable): Promise<void> {
    this.#open.delete(bytes);
    if (this.#open.size > 0) return;
    this.#facts.onEnd();
    if (this.#rest.size > 0) await this.#facts.claim.release(options);
  }

  #inTurn<R>(step: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

export class TakenItem<T> implements QueueItem<T> {
  readonly id: string;
  readonly value: T;
  readonly #node: TakenNode;
  readonly #bytes: Uint8Array;
  #isOver = false;

  constructor(node: TakenNode, id: string, value: T, bytes: Uint8Array) {
    this.#node = node;
    this.id = id;
    this.value = value;
    this.#bytes = bytes;
  }

  get signal(): AbortSignal {
    return this.#node.signal;
  }

  ack(options: Abortable = {}): Promise<boolean> {
    return this.#end(() => this.#node.done(this.#bytes, false, options));
  }

  requeue(options: Abortable = {}): Promise<boolean> {
    return this.#end(() => this.#node.done(this.#bytes, true, options));
  }

  async nack(options: Abortable = {}): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#node.giveBack(this.#bytes, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.nack();
  }

  /** A call that fails may be made again. */
  async #end(step: () => Promise<boolean>): Promise<boolean> {
    if (this.#isOver) return false;
    this.#isOver = true;
    try {
      return await step();
    } catch (error) {
      this.#isOver = false;
      throw error;
    }
  }
}
