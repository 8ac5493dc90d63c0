/**
 * Who asked the leader for what, so that each answer finds its way back: syncs are answered in the
 * order in which they were asked, sessions by their ids. Whoever has left meanwhile keeps its place,
 * for the leader answers all the same.
 */
import type { RevalidateAnswer, RevalidateAsk } from '@zabra/wire';
import { OWN_ORIGIN } from '../contract.ts';

interface AskedSession {
  readonly origin: number;
  readonly sessionHigh: number;
  readonly sessionLow: number;
}

/** Questions of observers that wait; who asks more is let go. */
const WAITING_MAX = 65_536;

export class Asked {
  readonly #syncs: number[] = [];
  readonly #sessions: AskedSession[] = [];

  get isFull(): boolean {
    return this.#syncs.length + this.#sessions.length >= WAITING_MAX;
  }

  sync(origin: number): void {
    this.#syncs.push(origin);
  }

  session(origin: number, { sessionHigh, sessionLow }: RevalidateAsk): void {
    this.#sessions.push({ origin, sessionHigh, sessionLow });
  }

  /** Whose sync is answered now; its own where nobody is known to have asked. */
  takeSync(): number {
    return this.#syncs.shift() ?? OWN_ORIGIN;
  }

  /** Who asked for this session first. */
  takeSession({ sessionHigh, sessionLow }: RevalidateAnswer): number {
    const index = this.#sessions.findIndex(
      (one) => one.sessionHigh === sessionHigh && one.sessionLow === sessionLow,
    );
    return index < 0 ? OWN_ORIGIN : this.#sessions.splice(index, 1)[0]!.origin;
  }
}
