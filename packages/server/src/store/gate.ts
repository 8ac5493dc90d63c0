/** Closed for good once the store has failed or ended; every later order is refused with the reason. */
export class Gate {
  #reason: string | null = null;

  /** Null while orders pass. */
  get reason(): string | null {
    return this.#reason;
  }

  /** The first reason stays. */
  close(reason: string): void {
    this.#reason ??= reason;
  }
}
