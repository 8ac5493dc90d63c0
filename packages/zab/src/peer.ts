/**
 * One server's part in an ensemble: it finds a leader or is it, and agrees with the others on an
 * order of records. This is the room's face: calls that hand in what arrived and return nothing,
 * `turn`, then calls that hand out what is to leave. What it wants done at once it says through the
 * three interfaces of `contract.ts`.
 *
 * It only switches: whatever a server does, a role does, and a role changes only in `turn`.
 */
import {
  type Ensemble,
  PeerState,
  type RevalidateAnswer,
  type RevalidateAsk,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import type { Configurations } from './configurations.ts';
import type {
  EpochName,
  LogReading,
  PeerStatus,
  QuorumOrder,
  QuorumOutput,
  Recovered,
  Standpoint,
} from './contract.ts';
import type { LinkOrder, LinkOutput } from './election/links.ts';
import { type Notice, Notices } from './election/notices.ts';
import { Voting } from './election/voting.ts';
import type { PeerFigures } from './figures.ts';
import { Following } from './following.ts';
import { Leading } from './leading.ts';
import { Learning } from './learning.ts';
import { Looking } from './looking.ts';
import { Observing } from './observing.ts';
import { sameMembers } from './quorum/same-members.ts';
import type { Role, Succession } from './role.ts';
import type { PeerSettings } from './settings.ts';
import { Standing, type Surroundings } from './standing.ts';

/** A learner that was turned away sooner than this looks again only after as long. */
const REST_MS = 200;

export class Peer {
  readonly #standing: Standing;
  readonly #notices = new Notices();
  readonly #voting: Voting;
  #looking: Looking | null = null;
  #leading: Leading | null = null;
  #learning: Learning | null = null;
  /** One of the three. */
  #role: Role;
  #roleSinceMs = 0;
  /** Since when it has not served; null while it does. */
  #unavailableSinceMs: number | null = null;
  #configurationChanges = 0;
  #ruling: Ensemble;
  #hasToldEpoch = false;
  #hasStarted = false;
  #hasStopped = false;

  constructor(settings: PeerSettings, surroundings: Surroundings, recovered: Recovered) {
    const { id, reconfigEnabled } = settings;
    this.#standing = new Standing(settings, surroundings, recovered, this.#notices);
    const { committed, next, changes } = this.#standing.configurations;
    const electing = { id, reconfigEnabled, ...settings.electionTimes };
    this.#voting = new Voting(electing, settings.links, committed, next);
    this.#configurationChanges = changes;
    this.#ruling = committed;
    this.#looking = new Looking(this.#standing, this.#voting, null, 0);
    this.#role = this.#looking;
  }

  // Handing in: time and links.

  /** The time, before the first input of a turn. */
  begin(nowMs: number): void {
    this.#standing.nowMs = nowMs;
  }

  /** Somebody has called the quorum port, or the one for observers. */
  quorumOpened(link: number): void {
    if (this.#isAtWork && this.#leading !== null) this.#leading.onLinkOpened(link);
    else if (!this.#isAtWork || this.#learning?.onLinkOpened(link) !== true) this.#close(link);
  }

  /** Bytes are borrowed for the call. */
  quorumReceived(link: number, chunk: Uint8Array): void {
    if (this.#isAtWork) this.#role.onReceived(link, chunk);
  }

  quorumClosed(link: number): void {
    if (this.#isAtWork) this.#role.onLinkClosed(link);
  }

  dialed(dial: number, link: number): void {
    const isWanted = this.#isAtWork && this.#learning !== null;
    if (!isWanted || !this.#learning!.onDialed(dial, link)) this.#close(link);
  }

  dialFailed(dial: number): void {
    if (this.#isAtWork) this.#learning?.onDialFailed(dial);
  }

  listenFailed(reason: string): void {
    if (this.#isAtWork) this.#leading?.onListenFailed(reason);
  }

  /** The body has sent this output, or never will. */
  recycle(output: QuorumOutput): void {
    this.#role.recycle(output);
  }

  /** `dialled` is whom the link was called for; null where another has called. */
  electionOpened(link: number, dialled: ServerId | null): void {
    this.#voting.linkOpened(link, dialled, this.#standing.nowMs);
  }

  electionReceived(link: number, chunk: Uint8Array): void {
    this.#voting.received(link, chunk, this.#standing.nowMs);
  }

  /** What was taken for the link has left. */
  electionFlushed(link: number): void {
    this.#voting.flushed(link);
  }

  electionClosed(link: number): void {
    this.#voting.closed(link);
  }

  electionDialFailed(id: ServerId): void {
    this.#voting.dialFailed(id);
  }

  // Handing in: the disk.

  /** The log is durable up to this record; or it was cut to it, or replaced by a snapshot of it. */
  logged(zxidHigh: number, zxidLow: number): void {
    this.#standing.history.onDurable(zxidHigh, zxidLow);
  }

  epochStored(name: EpochName, epoch: number): void {
    this.#standing.epochs.onStored(name, epoch);
    if (this.#isAtWork) this.#role.onEpochStored(name, epoch);
  }

  /** Everything logged is in the state. */
  readyToLead(): void {
    if (this.#isAtWork) this.#leading?.onReady();
  }

  logRecord(
    reader: number,
    zxidHigh: number,
    zxidLow: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    const reading = this.#standing.readings.of(reader);
    reading?.onRecord(zxidHigh, zxidLow, bytes, view, start, byteCount);
  }

  logPulled(reader: number, reading: LogReading): void {
    this.#standing.readings.of(reader)?.onLogPulled(reading);
  }

  snapshotOpened(reader: number, zxid: Zxid): void {
    this.#standing.readings.of(reader)?.onSnapshotOpened(zxid);
  }

  snapshotPulled(reader: number, piece: Uint8Array, isEnd: boolean): void {
    this.#standing.readings.of(reader)?.onSnapshotPulled(piece, isEnd);
  }

  // Handing in: what clients want.

  /** Whether this server leads, serves, and has room for one more proposal. */
  get canPropose(): boolean {
    return this.#isAtWork && (this.#leading?.canPropose ?? false);
  }

  /** The zxid of the next proposal; asked for before the record is made, since it lies in it. */
  get nextZxidHigh(): number {
    return this.#leading!.nextZxidHigh;
  }

  get nextZxidLow(): number {
    return this.#leading!.nextZxidLow;
  }

  /**
   * Proposes the next record, where `canPropose` says so. The bytes are borrowed; whoever calls
   * appends the record to the own log, behind this call. `ensemble` is the configuration that the
   * record makes, null as a rule.
   */
  propose(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
    ensemble: Ensemble | null,
  ): void {
    this.#leading!.propose(bytes, view, start, byteCount, ensemble);
  }

  /** The configuration that rules, and one that was proposed and may come to rule. */
  get configurations(): Pick<Configurations, 'committed' | 'next'> {
    return this.#standing.configurations;
  }

  /** Whether a quorum of a configuration is in step with this leader, and so could agree to it. */
  hasQuorumOf(ensemble: Ensemble): boolean {
    return this.#isAtWork && (this.#leading?.hasQuorumOf(ensemble) ?? false);
  }

  /** Leading: `origin` is a learner's link or `OWN_ORIGIN`. False where it cannot be taken. */
  sync(origin: number): boolean {
    return this.#isAtWork && (this.#leading?.sync(origin) ?? false);
  }

  /** Leading: the answer to `Service.revalidate`. */
  answerRevalidation(learner: number, answer: RevalidateAnswer): void {
    if (this.#isAtWork) this.#leading?.answerRevalidation(learner, answer);
  }

  /** Learning: whether requests can be sent to the leader now. */
  get canForward(): boolean {
    return this.#isAtWork && (this.#learning?.canForward ?? false);
  }

  /** Learning: sends a client's write to the leader; `authinfo` as `encodeAuthinfo` writes it. */
  forward(
    sessionHigh: number,
    sessionLow: number,
    cxid: number,
    op: number,
    body: Uint8Array,
    bodyView: DataView,
    bodyStart: number,
    bodyLength: number,
    authinfo: Uint8Array,
  ): void {
    this.#learning!.forward(
      sessionHigh,
      sessionLow,
      cxid,
      op,
      body,
      bodyView,
      bodyStart,
      bodyLength,
      authinfo,
    );
  }

  /** Learning: asks the leader for a session that has come here. */
  revalidate(ask: RevalidateAsk): void {
    this.#learning!.askToRevalidate(ask);
  }

  // Handing in: the end of a turn.

  /** Everything that was there has been handed in. With the first turn, it begins to look. */
  turn(): void {
    if (this.#hasStopped) return;
    if (!this.#hasStarted) this.#begin();
    this.#hasStarted = true;
    this.#voting.onTimer(this.#standing.nowMs);
    if (this.#voting.isDeserted) this.#leading?.onDeserted();
    if (this.#isAtWork) this.#role.turn();
    for (;;) {
      this.#heedConfiguration();
      this.#tellEpoch();
      if (!this.#changeRole()) return;
      this.#role.turn();
    }
  }

  /**
   * Takes no further part: links are closed behind what is owed on them, nothing is done any more.
   * Who followed looks for another leader at once, and does not wait for this one's vote.
   */
  stop(): void {
    if (this.#hasStopped) return;
    this.#role.leave();
    this.#voting.stop();
    this.#hasStopped = true;
  }

  // Handing out.

  takeQuorum(): readonly QuorumOutput[] {
    const taken = this.#standing.parting;
    if (!this.#hasStopped) this.#role.takeOutputs(taken);
    if (taken.length > 0) this.#standing.parting = [];
    return taken;
  }

  takeQuorumOrders(): readonly QuorumOrder[] {
    const taken = this.#standing.orders;
    if (taken.length > 0) this.#standing.orders = [];
    return taken;
  }

  /** Votes that waited when it stopped are not said any more: they are promises of its disk. */
  takeElection(): readonly LinkOutput[] {
    return this.#hasStopped ? [] : this.#voting.takeOutput();
  }

  takeElectionOrders(): readonly LinkOrder[] {
    return this.#voting.takeOrders();
  }

  takeNotices(): readonly Notice[] {
    const ofVotes = this.#voting.takeNotices();
    const others = this.#notices.take();
    return ofVotes.length === 0 ? others : [...ofVotes, ...others];
  }

  /** The next moment at which something is due. */
  wakeAt(): number {
    if (this.#hasStopped) return Number.POSITIVE_INFINITY;
    return Math.min(this.#role.wakeAt(), this.#voting.wakeAt());
  }

  get standpoint(): Standpoint {
    return this.#role.standpoint;
  }

  get status(): PeerStatus {
    const { epochs, history } = this.#standing;
    return {
      standpoint: this.standpoint,
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      lastZxid: history.last,
      outstanding: this.#leading?.outstanding ?? 0,
      pendingSyncs: this.#leading?.pendingSyncs ?? 0,
      learners: this.#leading?.learners ?? this.#learning?.observers ?? null,
      learnsFrom: this.#learning?.learnsFrom ?? null,
    };
  }

  get figures(): PeerFigures {
    return this.#standing.figures;
  }

  // Inside: roles.

  #begin(): void {
    this.#unavailableSinceMs = this.#standing.nowMs;
    this.#role.begin();
  }

  /** Between the end of a role and the turn that changes it, nothing is handed to anybody. */
  get #isAtWork(): boolean {
    return !this.#hasStopped && this.#role.end === null;
  }

  #changeRole(): boolean {
    const { end } = this.#role;
    if (end !== null) {
      this.#unavailableSinceMs ??= this.#standing.nowMs;
      this.#notices.add('info', 'a role is over', {
        role: this.standpoint.role,
        reason: end.reason,
      });
      this.#look(end.successor, this.#restsUntil());
    } else if (this.#looking?.found != null) {
      this.#join(this.#looking.found);
    } else {
      return false;
    }
    return true;
  }

  #look(successor: Succession | null, restsUntilMs: number): void {
    const looking = new Looking(this.#standing, this.#voting, successor, restsUntilMs);
    this.#enter(looking);
    this.#looking = looking;
  }

  #join(leader: ServerId): void {
    const standing = this.#standing;
    const { id } = standing.settings;
    if (leader === id) {
      const leading = new Leading(standing);
      this.#enter(leading);
      this.#leading = leading;
    } else {
      const duty = standing.configurations.isObserver(id) ? new Observing() : new Following();
      const learning = new Learning(standing, leader, duty);
      this.#enter(learning);
      this.#learning = learning;
    }
  }

  #enter(role: Role): void {
    this.#role.leave();
    this.#looking = null;
    this.#leading = null;
    this.#learning = null;
    this.#role = role;
    this.#roleSinceMs = this.#standing.nowMs;
    this.#hasToldEpoch = false;
    role.begin();
  }

  #restsUntil(): number {
    const { nowMs } = this.#standing;
    return nowMs - this.#roleSinceMs < REST_MS ? nowMs + REST_MS : nowMs;
  }

  // Inside: what others are told.

  /** Who looks is told the epoch that this server's leader has established. */
  #tellEpoch(): void {
    if (this.#hasToldEpoch || !this.#isAtWork) return;
    const { standpoint } = this.#role;
    if (standpoint.role === 'looking' || !standpoint.isServing) return;
    this.#hasToldEpoch = true;
    this.#measureAbsence(standpoint.role);
    const peerEpoch = BigInt(standpoint.epoch);
    this.#voting.assume(stateOf(standpoint.role), { ...this.#voting.vote, peerEpoch });
  }

  #measureAbsence(role: Standpoint['role']): void {
    const { figures, nowMs } = this.#standing;
    if (this.#unavailableSinceMs === null) return;
    const timeMs = nowMs - this.#unavailableSinceMs;
    this.#unavailableSinceMs = null;
    figures.unavailableTime.add(timeMs);
    if (role === 'leading') figures.leaderUnavailableTime.add(timeMs);
  }

  #heedConfiguration(): void {
    const { committed, next, changes } = this.#standing.configurations;
    if (changes === this.#configurationChanges) return;
    this.#configurationChanges = changes;
    this.#voting.configure(committed, next);
    if (!sameMembers(committed, this.#ruling)) this.#looking?.resume();
    this.#ruling = committed;
  }

  #close(link: number): void {
    this.#standing.orders.push({ kind: 'close', link });
  }
}

function stateOf(role: 'leading' | 'following' | 'observing'): PeerState {
  if (role === 'leading') return PeerState.Leading;
  return role === 'following' ? PeerState.Following : PeerState.Observing;
}
