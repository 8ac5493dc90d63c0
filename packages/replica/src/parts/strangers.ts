/**
 * Who writes at a leader without being in its database: the local sessions of learners. Of those it
 * knows nothing but that each is another server's and that no session of the ensemble has just ended
 * under its id, so that a write of that session which comes late is not taken for one of these.
 */
import { IdMap, type SessionView } from '@zabra/tree';
import type { ReplicaSettings } from '../settings.ts';

/**
 * Ended sessions that are remembered. A learner sends nothing more of a session when it has heard of
 * its end, so what comes late is as old as a packet and its answer, and no older.
 */
const ENDED_MAX = 65_536;

export class Strangers {
  readonly #isServed: boolean;
  readonly #serverByte: number;
  readonly #ended = new IdMap<true>();
  /** Their ids, two numbers each, a ring. */
  readonly #order: Int32Array;
  #next = 0;
  readonly #view = { high: 0, low: 0, timeoutMs: 0, closing: false, isLocal: true };

  constructor({ localSessions, serverId }: ReplicaSettings) {
    this.#isServed = localSessions;
    this.#order = new Int32Array(localSessions ? 2 * ENDED_MAX : 0);
    this.#serverByte = serverId & 0xff;
  }

  /** The local session of a learner, until the next call; null if it cannot be one. */
  get(high: number, low: number): SessionView | null {
    if (!this.#isServed || high >>> 24 === this.#serverByte) return null;
    if (this.#ended.get(high, low) === true) return null;
    this.#view.high = high;
    this.#view.low = low;
    return this.#view;
  }

  /** A session of the ensemble has ended. */
  onEnded(high: number, low: number): void {
    if (!this.#isServed) return;
    const at = 2 * this.#next;
    this.#ended.delete(this.#order[at]!, this.#order[at + 1]!);
    this.#order[at] = high;
    this.#order[at + 1] = low;
    this.#ended.set(high, low, true);
    this.#next = (this.#next + 1) % ENDED_MAX;
  }
}
