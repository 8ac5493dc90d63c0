/** Orders that are performed one after the other, the first of them at once. */
export class Lane<Order> {
  readonly #perform: (order: Order) => Promise<void>;
  readonly #waiting: Order[] = [];
  #running: Promise<void> | null = null;

  /** `perform` must deal with its own failures. */
  constructor(perform: (order: Order) => Promise<void>) {
    this.#perform = perform;
  }

  push(order: Order): void {
    this.#waiting.push(order);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#perform(next);
    }
    this.#running = null;
  }
}
