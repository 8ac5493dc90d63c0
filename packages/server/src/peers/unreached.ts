/**
 * Which servers could not be reached lately, and so what is worth a line in the log: that one cannot
 * be reached, and that it cannot for another reason. It is called again and again, for hours maybe;
 * that nothing has changed is told once a minute.
 */
const AGAIN_MS = 60_000;
/** Two addresses may refuse by turns, each in its own words. */
const CHANGE_MS = 5000;
/** Strangers are called too; more of them than this push each other out. */
const PLACES_MAX = 256;

interface Failure {
  readonly reason: string;
  readonly toldMs: number;
}

export class Unreached {
  readonly #failures = new Map<string, Failure>();

  /** Whether to tell that this place could not be reached, for this reason. */
  isNews(place: string, reason: string, nowMs: number): boolean {
    const last = this.#failures.get(place);
    if (last !== undefined) {
      const quietMs = last.reason === reason ? AGAIN_MS : CHANGE_MS;
      if (nowMs - last.toldMs < quietMs) return false;
    }
    this.#failures.delete(place);
    this.#failures.set(place, { reason, toldMs: nowMs });
    if (this.#failures.size > PLACES_MAX) this.#forgetOldest();
    return true;
  }

  /** The next failure is news. */
  reached(place: string): void {
    this.#failures.delete(place);
  }

  #forgetOldest(): void {
    for (const place of this.#failures.keys()) {
      this.#failures.delete(place);
      return;
    }
  }
}
