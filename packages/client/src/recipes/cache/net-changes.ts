/**
 * The changes of a cache for one reader, who may be slow: what waits is the difference between what
 * was read last and what is there now, so that no more can wait than there are nodes.
 */
import type { ZNode } from '../../public.ts';
import type { CacheEvent } from './cache-event.ts';

interface Difference<T> {
  readonly from: ZNode<T> | null;
  readonly to: ZNode<T> | null;
}

type Waiting<T> =
  | Difference<T>
  | Exclude<CacheEvent<T>, { type: 'created' | 'changed' | 'deleted' }>;

interface Taker<T> {
  resolve(result: IteratorResult<CacheEvent<T>, undefined>): void;
  reject(error: unknown): void;
}

const OVER: IteratorResult<never, undefined> = { done: true, value: undefined };

/** No path has this in it. */
const STATE = '\0state';
const INITIALIZED = '\0initialized';

export class NetChanges<T> implements AsyncIterableIterator<CacheEvent<T>> {
  readonly #waiting = new Map<string, Waiting<T>>();
  readonly #takers: Taker<T>[] = [];
  readonly #onReturn: () => void;
  #end: { readonly error: unknown } | null = null;

  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  push(event: CacheEvent<T>): void {
    if (this.#end !== null) return;
    switch (event.type) {
      case 'created':
        this.#differ(event.node.path, null, event.node);
        break;
      case 'changed':
        this.#differ(event.node.path, event.previous, event.node);
        break;
      case 'deleted':
        this.#differ(event.previous.path, event.previous, null);
        break;
      case 'invalid':
        this.#waiting.set(`\0${event.path}`, event);
        break;
      default:
        this.#state(event);
    }
    this.#serve();
  }

  /** What waits can still be taken; behind it stands the error, if there is one. */
  end(error?: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    for (const taker of this.#takers.splice(0)) this.#finish(taker);
  }

  next(): Promise<IteratorResult<CacheEvent<T>, undefined>> {
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#serve();
      if (this.#end !== null) for (const taker of this.#takers.splice(0)) this.#finish(taker);
    });
  }

  return(): Promise<IteratorResult<CacheEvent<T>, undefined>> {
    this.#waiting.clear();
    this.end();
    this.#end = { error: undefined };
    this.#onReturn();
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #differ(path: string, before: ZNode<T> | null, to: ZNode<T> | null): void {
    const waiting = this.#waiting.get(path);
    const from = waiting !== undefined && 'from' in waiting ? waiting.from : before;
    if (from === null && to === null) this.#waiting.delete(path);
    else this.#waiting.set(path, { from, to });
  }

  #state(event: CacheEvent<T> & { type: 'initialized' | 'stale' | 'fresh' }): void {
    const key = event.type === 'initialized' ? INITIALIZED : STATE;
    // Behind what it speaks of.
    this.#waiting.delete(key);
    this.#waiting.set(key, event);
  }

  #serve(): void {
    for (const [key, waiting] of this.#waiting) {
      const taker = this.#takers.shift();
      if (taker === undefined) return;
      this.#waiting.delete(key);
      taker.resolve({ done: false, value: 'from' in waiting ? changeOf(waiting) : waiting });
    }
  }

  #finish({ resolve, reject }: Taker<T>): void {
    const error = this.#end?.error;
    this.#end = { error: undefined };
    if (error === undefined) resolve(OVER);
    else reject(error);
  }
}

function changeOf<T>({ from, to }: Difference<T>): CacheEvent<T> {
  if (to === null) return { type: 'deleted', previous: from! };
  return from === null
    ? { type: 'created', node: to }
    : { type: 'changed', node: to, previous: from };
}
