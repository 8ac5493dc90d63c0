/**
 * When a link was heard and spoken on last, and what follows from it: when to ping, and when its
 * silence means that it is dead.
 *
 * A ping is due when nothing was sent for a third of the timeout, for the server's sake, and when
 * nothing was heard for as long, for our own: so a link on which only one direction is broken is
 * found out before two thirds are over.
 */
export class Pulse {
  #sentMs: number;
  #heardMs: number;
  /** When the ping was sent that is not answered yet. */
  #pingMs: number | null = null;

  constructor(nowMs: number) {
    this.#sentMs = nowMs;
    this.#heardMs = nowMs;
  }

  onSent(nowMs: number): void {
    this.#sentMs = nowMs;
  }

  onHeard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  onPing(nowMs: number): void {
    this.#pingMs = nowMs;
  }

  /** How long the answer to the ping took; NaN for an answer to nothing. */
  onPong(nowMs: number): number {
    const tookMs = this.#pingMs === null ? Number.NaN : nowMs - this.#pingMs;
    this.#pingMs = null;
    return tookMs;
  }

  pingAt(timeoutMs: number): number {
    const sinceMs = this.#pingMs === null ? Math.min(this.#sentMs, this.#heardMs) : this.#sentMs;
    return sinceMs + timeoutMs / 3;
  }

  silentAt(timeoutMs: number): number {
    return this.#heardMs + (timeoutMs * 2) / 3;
  }
}
