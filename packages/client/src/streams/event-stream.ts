/**
 * Events for one reader, as an async iterator. What is not taken waits; how much may wait, and what
 * happens then, is said by whoever makes the stream: events are never lost in silence.
 */
type Taker<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

const OVER: IteratorResult<never, undefined> = { done: true, value: undefined };

export interface StreamOptions<T> {
  readonly max: number;
  /** The queue is full and another event has come: both may be changed. */
  readonly onFull: (queue: T[], next: T) => void;
  /** The reader wants no more. */
  readonly onReturn?: () => void;
}

export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #options: StreamOptions<T>;
  readonly #queue: T[] = [];
  readonly #takers: Taker<T>[] = [];
  #isOver = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: StreamOptions<T>) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(event: T): void {
    if (this.#isOver) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: event });
    else if (this.#queue.length < this.#options.max) this.#queue.push(event);
    else this.#options.onFull(this.#queue, event);
  }

  /** What waits can still be taken. */
  end(): void {
    this.#isOver = true;
    for (const taker of this.#takers.splice(0)) taker.resolve(OVER);
  }

  /** Behind what waits stands this error. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#failure = { error };
    else taker.reject(error);
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0)
      return Promise.resolve({ done: false, value: this.#queue.shift()! });
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) return Promise.reject(failure.error);
    if (this.#isOver) return Promise.resolve(OVER);
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#queue.length = 0;
    this.#failure = null;
    if (!this.#isOver) {
      this.end();
      this.#options.onReturn?.();
    }
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
