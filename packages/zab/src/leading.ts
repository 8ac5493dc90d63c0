/**
 * A leader's course: it finds an epoch that is above all that a quorum has accepted, makes sure that
 * its history is the best of a quorum, brings learners in step, and serves once a quorum has sworn.
 *
 *     discovering ─▶ promising ─▶ confirming ─▶ adopting ─▶ uniting ─▶ serving
 *      FOLLOWERINFO   own disk     ACKEPOCH      own disk    ACK of     proposals
 *      of a quorum                 of a quorum               NEWLEADER
 *
 * What it tells learners waits, like theirs, until its own disk has it. Whatever it began with is
 * agreed once a quorum has sworn: nobody can lead after it who lacks any of that.
 */
import {
  type Ensemble,
  NO_NEW_PROMISE,
  type PacketView,
  type RevalidateAnswer,
  type RevalidateAsk,
  readSessionTouches,
  type Zxid,
  zxidCounter,
  zxidEpoch,
  zxidOf,
} from '@zabra/wire';
import { keepsLeader } from './configurations.ts';
import type { EpochName, LearnerStatus, QuorumOutput, Standpoint } from './contract.ts';
import { Broadcast } from './leading/broadcast.ts';
import { Discovery } from './leading/discovery.ts';
import { Feed } from './leading/feed.ts';
import { demandBytesMax, type Learner, type LearnerKeeper, pingAll } from './leading/learner.ts';
import { Learners } from './leading/learners.ts';
import { Serving } from './leading/serving.ts';
import { Term } from './leading/term.ts';
import { quorumOf } from './quorum/ensemble-quorum.ts';
import type { Role, RoleEnd } from './role.ts';
import type { Standing } from './standing.ts';

type Phase = 'discovering' | 'promising' | 'confirming' | 'adopting' | 'uniting' | 'serving';

/** Above it there would soon be no epoch left. */
const EPOCH_MAX = 0x7fff0000;

const NEVER = Number.POSITIVE_INFINITY;
const UNTRUSTED = -1n;

export class Leading implements Role, LearnerKeeper {
  readonly #standing: Standing;
  readonly #discovery: Discovery;
  readonly #learners: Learners;
  readonly #sinceMs: number;
  /** When it gives up, where no quorum is for it any more. */
  #desertedDueMs = NEVER;
  #phase: Phase = 'discovering';
  /** When the phase must be over. */
  #dueMs: number;
  #pingAtMs = NEVER;
  /** There is one once the epoch is fixed. */
  #term!: Term;
  #serving: Serving | null = null;
  /** Everything logged is in the state. */
  #isReady = false;
  #end: RoleEnd | null = null;

  constructor(standing: Standing) {
    this.#standing = standing;
    this.#learners = new Learners(standing, this);
    const { configurations, settings, epochs, epochFloor, nowMs, initLimitMs } = standing;
    const epochMin = Math.max(epochs.accepted, epochFloor) + 1;
    this.#discovery = new Discovery(configurations.quorum, settings.id, epochMin);
    this.#dueMs = nowMs + initLimitMs;
    this.#sinceMs = nowMs;
  }

  get standpoint(): Standpoint {
    return { role: 'leading', epoch: this.epoch, isServing: this.#phase === 'serving' };
  }

  get end(): RoleEnd | null {
    return this.#end ?? this.#serving?.end ?? null;
  }

  /** 0 until it is fixed. */
  get epoch(): number {
    return this.#phase === 'discovering' || this.#phase === 'promising' ? 0 : this.#term.epoch;
  }

  // As a role.

  begin(): void {
    const { orders, service } = this.#standing;
    service.standpointChanged(this.standpoint);
    service.prepareToLead();
    orders.push({ kind: 'listen' });
  }

  leave(): void {
    this.#learners.leave();
    this.#standing.orders.push({ kind: 'stopListening' });
  }

  turn(): void {
    this.#moveOn();
    this.#learners.pump();
    this.#ping();
    this.#serving?.turn();
    if (this.end === null) this.#learners.dropFailed();
    if (this.#standing.nowMs >= this.#dueMs) this.#giveUp(`it took too long (${this.#phase})`);
  }

  wakeAt(): number {
    return Math.min(
      this.#dueMs,
      this.#learners.dueMs,
      this.#desertedDueMs,
      this.#pingAtMs,
      this.#serving?.wakeAt() ?? NEVER,
    );
  }

  takeOutputs(into: QuorumOutput[]): void {
    this.#learners.takeOutputs(into);
  }

  recycle(output: QuorumOutput): void {
    if (!this.#learners.recycle(output) || this.#phase !== 'uniting') return;
    this.#dueMs = this.#standing.nowMs + this.#standing.initLimitMs;
  }

  onLinkOpened(link: number): void {
    this.#learners.onLinkOpened(link);
  }

  onListenFailed(reason: string): void {
    this.#giveUp(`its quorum port cannot be bound: ${reason}`);
  }

  onReceived(link: number, chunk: Uint8Array): void {
    this.#learners.onReceived(link, chunk);
  }

  onLinkClosed(link: number): void {
    this.#learners.onLinkClosed(link);
  }

  onEpochStored(name: EpochName, epoch: number): void {
    if (name === 'accepted' && this.#phase === 'promising') this.#confirm(epoch);
    else if (name === 'current' && this.#phase === 'adopting') this.#unite();
  }

  /** Everything logged is in the state. */
  onReady(): void {
    this.#isReady = true;
  }

  /** Of those who made this server leader, no quorum is for it any more. */
  onDeserted(): void {
    this.#desertedDueMs = NEVER;
    if (this.#phase === 'serving' || this.#hasCompany) return;
    this.#desertedDueMs = this.#sinceMs + this.#standing.settings.desertionMs;
    if (this.#standing.nowMs < this.#desertedDueMs) return;
    this.#standing.figures.desertions += 1;
    this.#giveUp('those who elected it look for a leader again');
  }

  // For whoever serves clients.

  get canPropose(): boolean {
    return this.#serving?.canPropose ?? false;
  }

  get nextZxidHigh(): number {
    return this.#term.epoch;
  }

  get nextZxidLow(): number {
    return (this.#term.broadcast.proposed + 1) | 0;
  }

  propose(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
    ensemble: Ensemble | null,
  ): void {
    this.#serving!.propose(bytes, view, start, byteCount, ensemble);
  }

  /** Whether a new configuration could be agreed on at once, with those who are in step. */
  hasQuorumOf(ensemble: Ensemble): boolean {
    return this.#serving?.hasQuorumInStep(quorumOf(ensemble)) ?? false;
  }

  /** False where too many wait; a learner that asks for more is let go. */
  sync(origin: number): boolean {
    const isTaken = this.#serving?.sync(origin) ?? false;
    if (!isTaken) this.#learners.get(origin)?.fail('it asks for too many syncs');
    return isTaken;
  }

  answerRevalidation(link: number, answer: RevalidateAnswer): void {
    this.#learners.get(link)?.sendRevalidation(answer);
  }

  get outstanding(): number {
    if (this.epoch === 0) return 0;
    const { proposed, committed } = this.#term.broadcast;
    return proposed - committed;
  }

  get pendingSyncs(): number {
    return this.#serving?.pendingSyncs ?? 0;
  }

  get learners(): readonly LearnerStatus[] {
    const { quorum } = this.#standing.configurations;
    return this.#learners.statuses((learner) => ({
      isVoter: !learner.isObserver && quorum.voters.has(learner.id),
      lag: learner.isObserver || this.#serving === null ? 0 : this.#lagOf(learner),
    }));
  }

  // As a keeper of learners.

  onIntroduced(learner: Learner, configVersion: bigint | null): void {
    const { settings, configurations } = this.#standing;
    const { id, acceptedEpoch } = learner;
    if (id === settings.id) learner.fail('it has the id of this server');
    else if (acceptedEpoch < 0 || acceptedEpoch > EPOCH_MAX) learner.fail('its epoch cannot be');
    else if (configVersion !== null && configVersion > configurations.committed.version) {
      learner.fail('it has a later configuration');
    } else {
      this.#learners.replace(learner);
      if (this.#phase === 'discovering') this.#hear(learner);
      else if (this.#phase !== 'promising') this.#ask(learner);
    }
  }

  onPromised(learner: Learner, currentEpoch: number): void {
    if (this.#phase === 'confirming') this.#weigh(learner, currentEpoch);
    else if (this.#phase !== 'adopting') this.#feed(learner);
  }

  /** An observer counts nowhere but in a next configuration that gives it a vote. */
  onSworn(learner: Learner): void {
    const { quorum } = this.#standing.configurations;
    if (!learner.isObserver || !quorum.voters.has(learner.id)) learner.seat.isSworn = true;
    if (this.#phase === 'serving') this.#callUpToDate(learner);
  }

  onAcknowledged(learner: Learner, counter: number): void {
    if (learner.isObserver) return;
    if (counter <= this.#term.broadcast.proposed) learner.seat.acknowledge(counter);
    else learner.fail('it acknowledged what was never proposed');
  }

  onRequest(learner: Learner, packet: PacketView): void {
    const { service } = this.#standing;
    if (this.#serving === null || !learner.isInStep) {
      learner.fail('it asked for something before it was in step');
    } else if (this.#serving.outstandingBytes > this.#askedBytesMax) {
      learner.fail('it asks for more than can be on its way');
    } else if (!this.#serving.isExhausted) {
      // Otherwise it hears nothing, and soon that the term is over.
      service.request(learner.link, packet);
    }
  }

  onRevalidate(learner: Learner, ask: RevalidateAsk): void {
    this.#standing.figures.revalidations += 1;
    this.#standing.service.revalidate(learner.link, ask);
  }

  onPong(learner: Learner, packet: PacketView): void {
    if (!readSessionTouches(packet, this.#standing.service))
      learner.fail('its sessions are cut off');
  }

  onLeft(learner: Learner, reason: string): void {
    const { notices, service } = this.#standing;
    this.#serving?.forget(learner);
    notices.add('warn', 'a learner has left', { server: `${learner.id}`, reason });
    service.learnerLeft(learner.link);
  }

  // Inside: from phase to phase.

  #moveOn(): void {
    if (this.#phase === 'discovering' && this.#discovery.hasHeardQuorum) {
      this.#phase = 'promising';
      this.#standing.epochs.store('accepted', this.#discovery.epoch);
    } else if (this.#phase === 'confirming' && this.#discovery.hasPromises) {
      this.#phase = 'adopting';
      this.#standing.epochs.store('current', this.#term.epoch);
    } else if (this.#phase === 'uniting' && this.#isReady && this.#hasUnited) {
      this.#serve();
    }
  }

  #enter(phase: Phase, dueMs: number): void {
    this.#phase = phase;
    this.#dueMs = dueMs;
  }

  #confirm(epoch: number): void {
    const { epochs, history } = this.#standing;
    const broadcast = new Broadcast(epoch, 0);
    this.#term = new Term(this.#standing, epochs.current, history.last, broadcast);
    this.#enter('confirming', this.#standing.nowMs + this.#standing.initLimitMs);
    this.#standing.service.standpointChanged(this.standpoint);
    for (const learner of this.#learners.values()) {
      if (learner.stage === 'introduced') this.#ask(learner);
    }
  }

  #unite(): void {
    const { settings, nowMs, initLimitMs } = this.#standing;
    this.#enter('uniting', nowMs + initLimitMs);
    this.#pingAtMs = nowMs + settings.tickMs / 2;
    this.#term.tally.seatOf(settings.id).isSworn = true;
    this.#versionConfiguration();
    for (const learner of this.#learners.values()) {
      if (learner.stage === 'promised') this.#feed(learner);
    }
  }

  /** One that comes from files gets its first version from its first leader. */
  #versionConfiguration(): void {
    const { settings, configurations } = this.#standing;
    if (!settings.reconfigEnabled || configurations.newest.version !== 0n) return;
    const version = zxidOf(this.#term.epoch, 0);
    configurations.propose({ ...configurations.committed, version });
  }

  /** From the moment on at which the first of them may be waiting. */
  #ping(): void {
    const { nowMs, settings } = this.#standing;
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + settings.tickMs / 2;
    pingAll(this.#learners.values(), this.#term.broadcast.proposed);
  }

  /** Whether those who have called, and may still be without an epoch, make a quorum. */
  get #hasCompany(): boolean {
    const { settings, configurations } = this.#standing;
    const here = new Set([settings.id]);
    for (const { id, isObserver, stage } of this.#learners.values()) {
      if (!isObserver && stage !== 'calling') here.add(id);
    }
    return configurations.quorum.contains(here);
  }

  get #hasUnited(): boolean {
    return this.#term.tally.haveSworn(this.#standing.configurations.joint);
  }

  #serve(): void {
    const { history, service, configurations, settings } = this.#standing;
    this.#enter('serving', NEVER);
    this.#term.isServing = true;
    this.#serving = new Serving(this.#term, this.#learners);
    service.commit(history.lastHigh, history.lastLow);
    const { committed, next } = configurations;
    if (next !== null && configurations.commit(next)) service.activate(next);
    service.standpointChanged(this.standpoint);
    for (const learner of this.#learners.values()) {
      if (learner.stage === 'sworn') this.#callUpToDate(learner);
    }
    if (next === null || keepsLeader(settings.id, committed, next)) return;
    this.#giveUp('the configuration it has brought to rule has no place for it');
  }

  // Inside: learners.

  #hear(learner: Learner): void {
    this.#discovery.hear(learner.isObserver ? null : learner.id, learner.acceptedEpoch);
  }

  /** Who has promised a later epoch cannot come in; a voter is worth a new term. */
  #ask(learner: Learner): void {
    const { configurations, nowMs, initLimitMs } = this.#standing;
    const { id, isObserver, acceptedEpoch } = learner;
    learner.sendLeaderInfo(nowMs + initLimitMs);
    if (acceptedEpoch <= this.epoch || isObserver || !configurations.quorum.voters.has(id)) return;
    this.#standing.epochFloor = Math.max(this.#standing.epochFloor, acceptedEpoch);
    this.#giveUp('a voter has promised a later epoch');
  }

  /** Whether a quorum has nothing that this server lacks. */
  #weigh(learner: Learner, currentEpoch: number): void {
    if (currentEpoch === NO_NEW_PROMISE) return;
    const { formerEpoch, historyEnd } = this.#term;
    const isAhead =
      currentEpoch > formerEpoch || (currentEpoch === formerEpoch && learner.zxid > historyEnd);
    if (isAhead) learner.fail('it is ahead of this server');
    else if (!learner.isObserver && learner.zxid !== UNTRUSTED) this.#discovery.promise(learner.id);
  }

  #feed(learner: Learner): void {
    const { id, isObserver, outgoing, zxid } = learner;
    learner.stage = 'feeding';
    learner.dueMs = this.#learners.patientUntilMs;
    learner.seat = this.#term.tally.seatOf(id);
    learner.seat.startOver(this.#counterIn(zxid));
    learner.feed = new Feed(this.#term, outgoing, isObserver, zxid);
    learner.feed.start();
  }

  /** What it has of this term's proposals; those that are not committed it is told to cut off. */
  #counterIn(zxid: Zxid): number {
    const { epoch, broadcast } = this.#term;
    return zxidEpoch(zxid) === epoch ? Math.min(zxidCounter(zxid), broadcast.committed) : 0;
  }

  #callUpToDate(learner: Learner): void {
    learner.sendUpToDate();
    learner.excused = this.#term.broadcast.committed;
    learner.dueMs = this.#standing.nowMs + this.#standing.syncLimitMs;
  }

  // Inside: small things.

  /**
   * On its way at most, for learners to ask for more. What they ask comes on the links that bring their
   * acknowledgements, so it cannot be left unread; each has its share, or all could go for the one.
   */
  get #askedBytesMax(): number {
    const { settings } = this.#standing;
    return settings.outstandingBytesMax + demandBytesMax(settings, this.#learners.size);
  }

  /** Who gets in step will not owe what is committed by then. */
  #lagOf({ id, isInStep, excused }: Learner): number {
    const { broadcast, tally } = this.#term;
    const excusedNow = isInStep ? excused : broadcast.committed;
    return broadcast.proposed - Math.max(tally.seatOf(id).acknowledged, excusedNow);
  }

  #giveUp(reason: string): void {
    this.#end ??= { reason, successor: null };
  }
}
