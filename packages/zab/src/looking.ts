/**
 * Looking for a leader. It begins when the disk has done all that the last role had told it, since a
 * server votes by what its disk has. Whom a new configuration names is not looked for.
 *
 * A server that was turned away at once rests a little first, or two could turn in circles as fast as
 * their wires let them.
 */
import { assert, PeerState, type ServerId } from '@zabra/wire';
import type { Standpoint } from './contract.ts';
import type { Voting } from './election/voting.ts';
import type { Role, RoleEnd, Succession } from './role.ts';
import type { Standing } from './standing.ts';

/** Of a vote that was never cast: whom a configuration names was not elected in any round. */
const NO_ROUND = -1n;
const NO_EPOCH = -1n;

export class Looking implements Role {
  readonly #standing: Standing;
  readonly #voting: Voting;
  readonly #successor: Succession | null;
  readonly #restsUntilMs: number;
  #isElecting = false;
  #electingSinceMs = 0;
  /** Whom it has found. */
  found: ServerId | null = null;
  readonly end: RoleEnd | null = null;
  readonly standpoint: Standpoint = { role: 'looking' };

  constructor(
    standing: Standing,
    voting: Voting,
    successor: Succession | null,
    restsUntilMs: number,
  ) {
    this.#standing = standing;
    this.#voting = voting;
    this.#successor = successor;
    this.#restsUntilMs = restsUntilMs;
  }

  begin(): void {
    this.#standing.figures.lookings += 1;
    this.#standing.service.standpointChanged(this.standpoint);
  }

  leave(): void {}

  turn(): void {
    if (!this.#isElecting) this.#start();
    if (!this.#isElecting || this.found !== null) return;
    this.#adopt();
    this.found = this.#voting.takeDecision()?.vote.leader ?? null;
    if (this.found !== null) this.#measure();
  }

  wakeAt(): number {
    const isWaiting = this.#isElecting || !this.#standing.isSettled;
    return isWaiting ? Number.POSITIVE_INFINITY : this.#restsUntilMs;
  }

  takeOutputs(): void {}

  recycle(): void {}

  onReceived(): void {}

  onLinkClosed(): void {}

  onEpochStored(): void {}

  #start(): void {
    const { nowMs, isSettled } = this.#standing;
    if (!isSettled || nowMs < this.#restsUntilMs) return;
    this.#isElecting = true;
    this.#electingSinceMs = nowMs;
    if (this.#successor !== null) {
      this.#follow(this.#successor);
      return;
    }
    this.#vote();
  }

  #vote(): void {
    const { history, epochs, nowMs } = this.#standing;
    this.#voting.start({ zxid: history.last, currentEpoch: BigInt(epochs.current) }, nowMs);
  }

  /** Who has no vote hears what others have elected. */
  #measure(): void {
    const { configurations, settings, figures, nowMs } = this.#standing;
    if (configurations.isObserver(settings.id)) return;
    figures.electionTime.add(nowMs - this.#electingSinceMs);
  }

  #follow({ leader, zxid }: Succession): void {
    const { settings, configurations } = this.#standing;
    const isObserver = configurations.isObserver(settings.id);
    const learning = isObserver ? PeerState.Observing : PeerState.Following;
    const state = leader === settings.id ? PeerState.Leading : learning;
    this.#voting.assume(state, { leader, zxid, round: NO_ROUND, peerEpoch: NO_EPOCH });
    this.found = leader;
  }

  /** A configuration that others have committed is taken over, and asked about anew. */
  #adopt(): void {
    const learnt = this.#voting.takeLearnt();
    if (learnt === null) return;
    const { configurations, service } = this.#standing;
    assert(learnt.version > configurations.committed.version, 'what is learnt is newer');
    configurations.commit(learnt);
    service.activate(learnt);
  }

  /** The members are others than before: who was looking among the old ones starts again. */
  resume(): void {
    if (this.#isElecting && this.found === null) this.#vote();
  }
}
