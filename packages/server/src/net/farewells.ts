/**
 * Connections that were told goodbye and have not hung up: after a while they are cut off. All have
 * the same time, so the oldest is always the next; one timer serves them all.
 */
const FAREWELL_MS = 1000;

export interface Leaver {
  /** Cuts the connection, which may do more than it has to. */
  cut(): void;
}

export class Farewells {
  /** When each is due, oldest first. */
  readonly #leaving = new Map<Leaver, number>();
  #timer: NodeJS.Timeout | null = null;

  get isEmpty(): boolean {
    return this.#leaving.size === 0;
  }

  add(leaver: Leaver): void {
    this.#leaving.set(leaver, performance.now() + FAREWELL_MS);
    this.#timer ??= this.#arm(FAREWELL_MS);
  }

  /** It has hung up by itself. */
  remove(leaver: Leaver): void {
    this.#leaving.delete(leaver);
  }

  #arm(inMs: number): NodeJS.Timeout {
    return setTimeout(this.#cutDue, inMs).unref();
  }

  readonly #cutDue = (): void => {
    this.#timer = null;
    const nowMs = performance.now();
    for (const [leaver, dueMs] of this.#leaving) {
      if (dueMs > nowMs) {
        this.#timer = this.#arm(Math.ceil(dueMs - nowMs));
        return;
      }
      this.#leaving.delete(leaver);
      leaver.cut();
    }
  };
}
