/**
 * Up to which proposal each server has acknowledged, by counter, and so up to where a quorum has.
 *
 * An acknowledgement counts only from a server that has sworn: one whose disk has this leader's epoch
 * and with it the leader's history. Without the epoch it could be outvoted by a server that has the
 * epoch and lacks the proposal. What was acknowledged stays so when a link breaks; who comes back
 * has to swear again and is believed no more than what it says it has.
 */
import type { ServerId } from '@zabra/wire';
import type { QuorumVerifier } from '../quorum/verifier.ts';

/** What one server has said; a link to it holds on to this, so that nothing is looked up per record. */
export class Seat {
  readonly id: ServerId;
  isSworn = false;
  #acknowledged = 0;

  constructor(id: ServerId) {
    this.id = id;
  }

  /** Counter of the last proposal that it has. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Acknowledgements of one link come in order. */
  acknowledge(counter: number): void {
    if (counter > this.#acknowledged) this.#acknowledged = counter;
  }

  /** It has come, back perhaps, and has the proposals up to this one at most. */
  startOver(counter: number): void {
    this.isSworn = false;
    if (counter < this.#acknowledged) this.#acknowledged = counter;
  }
}

export class Tally {
  readonly #seats = new Map<ServerId, Seat>();
  /** Used again by every count. */
  readonly #those = new Set<ServerId>();
  readonly #candidates: number[] = [];

  seatOf(id: ServerId): Seat {
    let seat = this.#seats.get(id);
    if (seat === undefined) {
      seat = new Seat(id);
      this.#seats.set(id, seat);
    }
    return seat;
  }

  /** Whether those who have sworn make a quorum. */
  haveSworn(quorum: QuorumVerifier): boolean {
    return quorum.contains(this.#thoseWith(0));
  }

  /** The last counter above `from`, and not above `to`, that a quorum has; `from` if there is none. */
  reached(quorum: QuorumVerifier, from: number, to: number): number {
    const candidates = this.#candidates;
    candidates.length = 0;
    for (const { isSworn, acknowledged } of this.#seats.values()) {
      const counter = Math.min(acknowledged, to);
      if (isSworn && counter > from) candidates.push(counter);
    }
    if (candidates.length === 0) return from;
    candidates.sort((one, other) => other - one);
    for (const counter of candidates) if (quorum.contains(this.#thoseWith(counter))) return counter;
    return from;
  }

  /** Those who have sworn and have this proposal; valid until the next count. */
  #thoseWith(counter: number): ReadonlySet<ServerId> {
    const those = this.#those;
    those.clear();
    for (const { id, isSworn, acknowledged } of this.#seats.values()) {
      if (isSworn && acknowledged >= counter) those.add(id);
    }
    return those;
  }
}
