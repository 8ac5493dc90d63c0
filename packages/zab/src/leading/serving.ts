/**
 * A leader's term from the moment at which a quorum has taken over its history: proposals, their
 * acknowledgements and commits, syncs, pings, and whether the quorum is still there.
 *
 * A record is committed when a quorum has it on disk, this server counting like any other, and all
 * before it are committed. While a new configuration is on its way, it takes a quorum of either.
 */
import { assert, type Ensemble, type ServerId } from '@zabra/wire';
import { OWN_ORIGIN } from '../contract.ts';
import type { QuorumVerifier } from '../quorum/verifier.ts';
import type { RoleEnd } from '../role.ts';
import { AckWatch } from './ack-watch.ts';
import { designateLeader } from './designation.ts';
import { type Learner, pingAll } from './learner.ts';
import type { Learners } from './learners.ts';
import { ProposalTimes } from './proposal-times.ts';
import { SyncRounds } from './sync-rounds.ts';
import type { Seat } from './tally.ts';
import type { Term } from './term.ts';

/** A configuration that is proposed, and the counter of the proposal. */
interface Reconfiguration {
  readonly counter: number;
  readonly ensemble: Ensemble;
}

export class Serving {
  readonly #term: Term;
  readonly #learners: Learners;
  readonly #rounds: SyncRounds;
  readonly #ownSeat: Seat;
  readonly #ownWatch = new AckWatch();
  readonly #times: ProposalTimes;
  #reconfiguration: Reconfiguration | null = null;
  #tickAtMs: number;
  end: RoleEnd | null = null;

  constructor(term: Term, learners: Learners) {
    const { settings, nowMs } = term.standing;
    this.#term = term;
    this.#learners = learners;
    this.#ownSeat = term.tally.seatOf(settings.id);
    this.#times = new ProposalTimes(term.broadcast.proposed);
    this.#rounds = new SyncRounds(settings.provesLeadershipAtSync);
    this.#tickAtMs = nowMs + settings.tickMs;
  }

  /** Whether one more proposal may come; with too much on its way it has to wait. */
  get canPropose(): boolean {
    const { outstandingBytesMax } = this.#term.standing.settings;
    if (this.end !== null || this.isExhausted) return false;
    return this.outstandingBytes < outstandingBytesMax;
  }

  /** Whether the counters of the term are used up: it is over when all of them are committed. */
  get isExhausted(): boolean {
    const { broadcast, standing } = this.#term;
    return broadcast.proposed >= standing.settings.proposalsMax;
  }

  get pendingSyncs(): number {
    return this.#rounds.pending;
  }

  get outstandingBytes(): number {
    return this.#term.broadcast.outstandingBytes(this.#term.durable);
  }

  propose(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
    ensemble: Ensemble | null,
  ): void {
    const { broadcast, epoch, standing } = this.#term;
    assert(!this.isExhausted, 'who proposes has a counter for it');
    if (ensemble !== null) {
      assert(this.#reconfiguration === null, 'one configuration is proposed at a time');
      standing.configurations.propose(ensemble);
      this.#reconfiguration = { counter: broadcast.proposed + 1, ensemble };
    }
    broadcast.propose(bytes, view, start, byteCount);
    this.#times.onProposed(broadcast.proposed, standing.nowMs);
    standing.history.append(epoch, broadcast.proposed | 0);
  }

  /** False where too many wait. */
  sync(origin: number): boolean {
    const { proposed } = this.#term.broadcast;
    if (!this.#rounds.ask(origin, proposed)) return false;
    if (this.#rounds.wantsRound) {
      pingAll(this.#learners.values(), proposed);
      this.#rounds.begin(this.#learners.values(), proposed);
    }
    return true;
  }

  /** Nobody waits any more for what this learner asked. */
  forget(learner: Learner): void {
    this.#rounds.drop(learner.link);
  }

  /** Whether those who are here make a quorum, though some may still be getting in step. */
  hasQuorum(quorum: QuorumVerifier): boolean {
    return quorum.contains(this.#participants(({ stage }) => stage !== 'calling'));
  }

  /** Whether those who lack nothing make a quorum. Observers acknowledge nothing, so they do not. */
  hasQuorumInStep(quorum: QuorumVerifier): boolean {
    return quorum.contains(this.#participants(({ isInStep }) => isInStep));
  }

  turn(): void {
    const { broadcast, durable, standing } = this.#term;
    this.#ownSeat.acknowledge(durable);
    this.#decide();
    if (this.end !== null) return;
    this.#keepTime();
    this.#watchAcknowledgements();
    if (this.isExhausted && broadcast.committed === broadcast.proposed) {
      this.#giveUp('the counters of its term are used up');
    }
    broadcast.trim(durable, standing.settings.recentBytesMax);
  }

  wakeAt(): number {
    const owedAtMs = this.#ownWatch.sinceMs + this.#term.standing.syncLimitMs;
    return Math.min(this.#tickAtMs, owedAtMs);
  }

  // Inside: committing, and answering syncs.

  /** Commits and answers of syncs, each in its place. */
  #decide(): void {
    const rounds = this.#rounds;
    const { joint } = this.#term.standing.configurations;
    rounds.count(joint, this.#self, this.#learners.values());
    rounds.endTurn();
    do {
      this.#commit(Math.min(rounds.barrier, this.#term.broadcast.proposed));
      if (this.end !== null) return;
    } while (this.#answerSyncs());
  }

  #commit(limit: number): void {
    const { broadcast, tally, standing } = this.#term;
    const { configurations } = standing;
    while (this.#reconfiguration !== null) {
      const { counter, ensemble } = this.#reconfiguration;
      const before = Math.min(counter - 1, limit);
      this.#commitTo(tally.reached(configurations.quorum, broadcast.committed, before));
      if (broadcast.committed < counter - 1 || limit < counter) return;
      const reached = tally.reached(configurations.joint, broadcast.committed, broadcast.proposed);
      if (reached < counter) return;
      this.#activate(counter, ensemble);
      if (this.end !== null) return;
    }
    this.#commitTo(tally.reached(configurations.quorum, broadcast.committed, limit));
  }

  /** False where none was. */
  #answerSyncs(): boolean {
    const { broadcast, standing } = this.#term;
    const origins = this.#rounds.take(broadcast.committed);
    for (const origin of origins) {
      if (origin === OWN_ORIGIN) standing.service.synced();
      else this.#learners.get(origin)?.sendSync();
    }
    return origins.length > 0;
  }

  #commitTo(counter: number): void {
    const { broadcast, epoch, standing } = this.#term;
    if (counter === broadcast.committed) return;
    this.#count(counter);
    broadcast.commitTo(counter);
    standing.service.commit(epoch, counter | 0);
  }

  /** The new configuration rules, and names who leads; if it is another, this term is over. */
  #activate(counter: number, ensemble: Ensemble): void {
    const { broadcast, epoch, tally, standing } = this.#term;
    const { configurations, service } = standing;
    const leader = designateLeader(this.#self, configurations.committed, ensemble, tally, counter);
    this.#reconfiguration = null;
    this.#count(counter);
    broadcast.activateNext(leader);
    service.commit(epoch, counter | 0);
    configurations.commit(ensemble);
    service.activate(ensemble);
    if (leader === this.#self) return;
    const successor = { leader, zxid: this.#term.committed };
    this.end = { reason: 'a new configuration names another leader', successor };
  }

  #count(counter: number): void {
    const { broadcast, standing } = this.#term;
    const { figures, nowMs } = standing;
    figures.commits += counter - broadcast.committed;
    this.#times.onCommitted(counter, nowMs, figures.quorumTime);
  }

  // Inside: time.

  #keepTime(): void {
    const { standing } = this.#term;
    const { nowMs, settings, configurations } = standing;
    if (nowMs < this.#tickAtMs) return;
    this.#tickAtMs = nowMs + settings.tickMs;
    if (!this.hasQuorum(configurations.joint)) this.#giveUp('it has lost its quorum');
  }

  /** Who owes an acknowledgement for too long is no use, be it a learner or this server's own disk. */
  #watchAcknowledgements(): void {
    const { broadcast, durable, standing } = this.#term;
    const { nowMs, syncLimitMs } = standing;
    this.#ownWatch.look(durable, broadcast.proposed, nowMs);
    if (nowMs - this.#ownWatch.sinceMs >= syncLimitMs) this.#giveUp('its own disk does not answer');
    for (const learner of this.#learners.values()) {
      if (learner.isObserver || !learner.isInStep) continue;
      learner.watch.look(learner.settled, broadcast.proposed, nowMs);
      if (nowMs - learner.watch.sinceMs >= syncLimitMs) learner.fail('it acknowledges nothing');
    }
  }

  // Inside: small things.

  /** This server, and those who acknowledge and of whom that is so. */
  #participants(isSo: (learner: Learner) => boolean): ReadonlySet<ServerId> {
    const those = new Set<ServerId>([this.#self]);
    for (const learner of this.#learners.values()) {
      if (!learner.isObserver && isSo(learner)) those.add(learner.id);
    }
    return those;
  }

  get #self(): ServerId {
    return this.#term.standing.settings.id;
  }

  #giveUp(reason: string): void {
    this.end ??= { reason, successor: null };
  }
}
