/**
 * When a sync may be answered: when all that was proposed before it is committed, and when a quorum
 * has shown, after it came, that it still follows this leader and so nobody else. For the second the
 * leader pings everybody; each answers as soon as it reads that, and answers of one link come in
 * order, so counting them is enough. One round of pings serves all syncs that waited for it.
 */
import type { ServerId } from '@zabra/wire';
import type { QuorumVerifier } from '../quorum/verifier.ts';

interface Waiting {
  readonly origin: number;
  /** Counter of the last proposal there was. */
  readonly counter: number;
  readonly round: number;
}

/** A learner's link, as far as its pings go. */
export interface Pinged {
  readonly id: ServerId;
  pings: number;
  pongs: number;
  /** Pings it must have answered for the round that runs; 0 for one who came after it began. */
  roundPings: number;
}

/** Syncs that wait; more are refused. */
const WAITING_MAX = 65_536;

export class SyncRounds {
  readonly #provesLeadership: boolean;
  #waiting: Waiting[] = [];
  /** Rounds that have begun, and that have ended. */
  #begun = 0;
  #ended = 0;

  constructor(provesLeadership: boolean) {
    this.#provesLeadership = provesLeadership;
  }

  /** False where too many wait. */
  ask(origin: number, counter: number): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false;
    const round = this.#provesLeadership ? this.#begun + 1 : 0;
    this.#waiting.push({ origin, counter, round });
    return true;
  }

  /** Whether everybody should be pinged now, for a new round. */
  get wantsRound(): boolean {
    const last = this.#waiting.at(-1);
    return this.#begun === this.#ended && last !== undefined && last.round > this.#begun;
  }

  /** Everybody who will count has just been pinged. */
  begin(learners: Iterable<Pinged>): void {
    this.#begun += 1;
    for (const learner of learners) learner.roundPings = learner.pings;
  }

  /** Whether the round that runs has its quorum; `self` is the leader. */
  count(quorum: QuorumVerifier, self: ServerId, learners: Iterable<Pinged>): void {
    if (this.#begun === this.#ended) return;
    const shown = new Set([self]);
    for (const { id, pongs, roundPings } of learners) {
      if (pongs >= Math.max(1, roundPings)) shown.add(id);
    }
    if (quorum.contains(shown)) this.#ended = this.#begun;
  }

  /** Takes the syncs that may be answered, in the order in which they came. */
  take(committed: number): readonly number[] {
    let count = 0;
    for (const { counter, round } of this.#waiting) {
      if (counter > committed || round > this.#ended) break;
      count += 1;
    }
    return count === 0 ? [] : this.#waiting.splice(0, count).map(({ origin }) => origin);
  }

  /** Nobody waits any more for what this one asked. */
  drop(origin: number): void {
    this.#waiting = this.#waiting.filter((one) => one.origin !== origin);
  }
}
