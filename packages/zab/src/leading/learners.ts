/**
 * Those who have called to learn from this server, by their links: who is taken, what leaves to them,
 * and who is let go and why. What they say is their keeper's to judge, whether that leads or feeds
 * observers in a leader's place.
 */
import type { LearnerStatus, QuorumOutput } from '../contract.ts';
import type { Standing } from '../standing.ts';
import { Learner, type LearnerKeeper } from './learner.ts';

/** Links, whoever they are of; more are not taken. */
const LEARNERS_MAX = 1024;
/** Answers that a learner in step has not taken; with more, it is let go. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

const NEVER = Number.POSITIVE_INFINITY;

export class Learners {
  readonly #standing: Standing;
  readonly #keeper: LearnerKeeper;
  readonly #byLink = new Map<number, Learner>();

  constructor(standing: Standing, keeper: LearnerKeeper) {
    this.#standing = standing;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#byLink.size;
  }

  get(link: number): Learner | undefined {
    return this.#byLink.get(link);
  }

  values(): Iterable<Learner> {
    return this.#byLink.values();
  }

  /** Those who have said who they are; `more` is what their keeper knows of each. */
  statuses(
    more: (learner: Learner) => Pick<LearnerStatus, 'isVoter' | 'lag'>,
  ): readonly LearnerStatus[] {
    return [...this.#byLink.values()]
      .filter(({ stage }) => stage !== 'calling')
      .map((learner) => ({
        id: learner.id,
        link: learner.link,
        isObserver: learner.isObserver,
        isInStep: learner.isInStep,
        queuedBytes: learner.outgoing.unsentBytes,
        ...more(learner),
      }));
  }

  /** Until when one is waited for that gets in step. */
  get patientUntilMs(): number {
    const { nowMs, initLimitMs, syncLimitMs } = this.#standing;
    return nowMs + initLimitMs + syncLimitMs;
  }

  /** When the first of them will have been silent for too long. */
  get dueMs(): number {
    let dueMs = NEVER;
    for (const learner of this.#byLink.values()) dueMs = Math.min(dueMs, learner.dueMs);
    return dueMs;
  }

  // What comes, and what leaves.

  onLinkOpened(link: number): void {
    const { orders, nowMs, initLimitMs, settings } = this.#standing;
    if (this.size >= LEARNERS_MAX) {
      orders.push({ kind: 'close', link });
      return;
    }
    const learner = new Learner(link, this.#keeper, settings.packetBytesMax);
    learner.dueMs = nowMs + initLimitMs;
    this.#byLink.set(link, learner);
  }

  onReceived(link: number, chunk: Uint8Array): void {
    const learner = this.#byLink.get(link);
    if (learner === undefined) return;
    const { nowMs, syncLimitMs } = this.#standing;
    if (learner.isInStep) learner.dueMs = nowMs + syncLimitMs;
    learner.receive(chunk);
    if (learner.problem !== null) this.#drop(learner);
  }

  onLinkClosed(link: number): void {
    const learner = this.#byLink.get(link);
    if (learner !== undefined) this.#forget(learner, 'it hung up');
  }

  takeOutputs(into: QuorumOutput[]): void {
    for (const { outgoing } of this.#byLink.values()) outgoing.take(into);
  }

  /** Whether it was for one that still gets in step: what takes long for being much is no silence. */
  recycle(output: QuorumOutput): boolean {
    const learner = this.#byLink.get(output.link);
    if (learner === undefined) return false;
    learner.outgoing.recycle(output);
    if (learner.feed === null || learner.feed.isAttached) return false;
    learner.dueMs = this.patientUntilMs;
    return true;
  }

  pump(): void {
    for (const { feed } of this.#byLink.values()) feed?.pump();
  }

  /** Says what is left to say to them, and hangs up. */
  leave(): void {
    const { orders, parting } = this.#standing;
    for (const { feed, outgoing, link } of this.#byLink.values()) {
      feed?.stop();
      outgoing.takeAll(parting);
      orders.push({ kind: 'close', link });
    }
  }

  // Who is let go.

  /** A learner that calls again has lost its old link, whether or not that is known here. */
  replace(learner: Learner): void {
    for (const other of this.#byLink.values()) {
      if (other === learner || other.id !== learner.id) continue;
      other.fail('it has called again');
      this.#drop(other);
    }
  }

  dropFailed(): void {
    const { nowMs } = this.#standing;
    for (const learner of this.#byLink.values()) {
      const problem = learner.feed?.problem ?? null;
      if (problem !== null) learner.fail(problem);
      else if (nowMs >= learner.dueMs) learner.fail('it is silent');
      else if (learner.outgoing.isLost) learner.fail('it is too far behind');
      else if (learner.isInStep && learner.outgoing.ownBytes > UNREAD_BYTES_MAX) {
        learner.fail('it does not read what it asked for');
      }
      if (learner.problem !== null) this.#drop(learner);
    }
  }

  #drop(learner: Learner): void {
    this.#standing.orders.push({ kind: 'close', link: learner.link });
    this.#forget(learner, learner.problem ?? '');
  }

  #forget(learner: Learner, reason: string): void {
    learner.feed?.stop();
    this.#byLink.delete(learner.link);
    if (learner.stage !== 'calling') this.#keeper.onLeft(learner, reason);
  }
}
