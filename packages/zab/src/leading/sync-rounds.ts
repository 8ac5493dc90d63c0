/**
 * When a sync may be answered: when all that was proposed before it is committed, and when a quorum
 * has shown, after it came, that it still follows this leader and so nobody else. For the second the
 * leader pings everybody at once; each answers as soon as it reads that, and answers of one link come
 * in order, so counting them is enough. One round of pings serves all syncs of a turn between which
 * nothing was proposed.
 *
 * And when it must be: before anything is committed that was proposed after it. A learner of
 * Apache's answers its clients in the order in which they asked, syncs and writes alike, and does
 * not find the request again whose commit has overtaken a sync.
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
  readonly pings: number;
  readonly pongs: number;
}

/** How many pings each must have answered; one for who came after it began. */
type Round = ReadonlyMap<Pinged, number>;

/** Syncs that wait; more are refused. No more rounds run than syncs wait. */
const WAITING_MAX = 65_536;

export class SyncRounds {
  readonly #provesLeadership: boolean;
  #waiting: Waiting[] = [];
  /** Rounds that run, the oldest first. */
  #running: Round[] = [];
  /** Rounds that have begun, and that have ended. */
  #begun = 0;
  #ended = 0;
  /** Where the round that began last, in this turn, may still be joined; -1 for none. */
  #joinable = -1;

  constructor(provesLeadership: boolean) {
    this.#provesLeadership = provesLeadership;
  }

  /** Syncs that are not answered. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** False where too many wait. */
  ask(origin: number, counter: number): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false;
    const next = this.#joinable === counter ? this.#begun : this.#begun + 1;
    this.#waiting.push({ origin, counter, round: this.#provesLeadership ? next : 0 });
    return true;
  }

  /** Whether everybody must be pinged now, before anything else is said. */
  get wantsRound(): boolean {
    const last = this.#waiting.at(-1);
    return last !== undefined && last.round > this.#begun;
  }

  /** Everybody who will count has just been pinged; `counter` is that of the last proposal. */
  begin(learners: Iterable<Pinged>, counter: number): void {
    this.#begun += 1;
    this.#joinable = counter;
    const owed = new Map<Pinged, number>();
    for (const learner of learners) owed.set(learner, learner.pings);
    this.#running.push(owed);
  }

  /** What was said in this turn leaves; answers may come from now on. */
  endTurn(): void {
    this.#joinable = -1;
  }

  /** Which rounds have their quorum; `self` is the leader. */
  count(quorum: QuorumVerifier, self: ServerId, learners: Iterable<Pinged>): void {
    let over = 0;
    for (const owed of this.#running) {
      const shown = new Set([self]);
      for (const learner of learners) {
        if (learner.pongs >= Math.max(1, owed.get(learner) ?? 0)) shown.add(learner.id);
      }
      if (!quorum.contains(shown)) break;
      over += 1;
    }
    if (over === 0) return;
    this.#running.splice(0, over);
    this.#ended += over;
  }

  /** Nothing may be committed beyond this before another sync is answered. */
  get barrier(): number {
    return this.#waiting[0]?.counter ?? Number.POSITIVE_INFINITY;
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
