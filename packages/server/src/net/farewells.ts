/**
 * Connections that were told goodbye and have not hung up: after a while they are cut off. One timer
 * serves all of them, for they all have the same time.
 */
const FAREWELL_MS = 1000;

interface Leaving {
  readonly cut: () => void;
  readonly dueMs: number;
}

export class Farewells {
  #leaving: Leaving[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** Calls `cut` after the time; cutting what is gone already must do no harm. */
  add(cut: () => void): void {
    this.#leaving.push({ cut, dueMs: performance.now() + FAREWELL_MS });
    this.#timer ??= this.#arm(FAREWELL_MS);
  }

  #arm(inMs: number): NodeJS.Timeout {
    return setTimeout(this.#cutDue, inMs).unref();
  }

  readonly #cutDue = (): void => {
    const nowMs = performance.now();
    const due = this.#leaving.filter(({ dueMs }) => dueMs <= nowMs);
    this.#leaving = this.#leaving.filter(({ dueMs }) => dueMs > nowMs);
    const first = this.#leaving[0];
    this.#timer = first === undefined ? null : this.#arm(Math.ceil(first.dueMs - nowMs));
    for (const { cut } of due) cut();
  };
}
