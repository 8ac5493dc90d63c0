/**
 * A learner's course with one leader, from the first call to the last packet. On the order of its
 * steps everything rests, and what is said to the leader waits until the disk has what it says:
 *
 *     accepted epoch ─▶ ACKEPOCH ─▶ cut, or replaced ─▶ records ─▶ current epoch ─▶ ACK of NEWLEADER
 *                                                                       UPTODATE ─▶ commit, serve
 *
 * A learner that loses its leader at any step has the history it came with or a first part of its
 * leader's; by the epoch on its disk nobody takes the second for the whole.
 */
import {
  appendAck,
  appendForwardedRequest,
  beginPacket,
  decodeDesignatedLeader,
  decodeRevalidateAnswer,
  decodeUtf8,
  type Ensemble,
  encodeAckEpoch,
  encodeLearnerInfo,
  encodeRevalidateAsk,
  finishPacket,
  formatZxid,
  JuteReader,
  NO_NEW_PROMISE,
  Opcode,
  PacketType,
  type PacketView,
  PROTOCOL_VERSION,
  packetTypeName,
  parseEnsemble,
  type RevalidateAsk,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import { keepsLeader } from './configurations.ts';
import type { EpochName, LearnerStatus, QuorumOutput, Standpoint } from './contract.ts';
import type { Duty } from './learning/duty.ts';
import { Intake } from './learning/intake.ts';
import { LeaderLink } from './learning/leader-link.ts';
import { Mastering } from './mastering.ts';
import type { Role, RoleEnd } from './role.ts';
import type { Standing } from './standing.ts';
import { compareHalves } from './zxid-halves.ts';

/**
 * `calling` until the leader answers, `introduced` until it names its epoch, `promising` until that
 * is on disk, `promised` until it says how to get in step, `installing` while a snapshot comes,
 * `catchingUp` until NEWLEADER, `adopting` until its epoch is on disk, `sworn` until UPTODATE.
 */
type Stage =
  | 'calling'
  | 'introduced'
  | 'promising'
  | 'promised'
  | 'installing'
  | 'catchingUp'
  | 'adopting'
  | 'sworn'
  | 'serving';

/** Requests that have not left; with more, none is taken. */
const FORWARD_BYTES_MAX = 4 * 1024 * 1024;

const SERVER_ID_BYTES = 8;

/** Either half of the zxid of a packet that has none. */
const NONE = -1;

export class Learning implements Role {
  readonly #standing: Standing;
  readonly #duty: Duty;
  readonly #leader: ServerId;
  readonly #link: LeaderLink;
  readonly #reader = new JuteReader();
  #stage: Stage = 'calling';
  #epoch = 0;
  /** Of the snapshot that comes. */
  #snapshotZxid!: Zxid;
  /** There is one from the moment on at which the log is a first part of the leader's. */
  #intake!: Intake;
  /** Where this server feeds observers: from when the log is a first part of the leader's. */
  #mastering: Mastering | null = null;
  /** The configuration that came with NEWLEADER. */
  #ensemble: Ensemble | null = null;
  #promisedAtMs = 0;
  end: RoleEnd | null = null;

  constructor(standing: Standing, leader: ServerId, duty: Duty) {
    this.#standing = standing;
    this.#duty = duty;
    this.#leader = leader;
    this.#link = new LeaderLink(standing, leader, this.#seeksMasters);
  }

  get standpoint(): Standpoint {
    const isServing = this.#stage === 'serving';
    return { role: this.#duty.role, leader: this.#leader, epoch: this.#epoch, isServing };
  }

  // As a role.

  begin(): void {
    this.#standing.service.standpointChanged(this.standpoint);
    this.#link.dial();
  }

  leave(): void {
    if (this.#stage === 'installing') this.#standing.journal.abandonInstall();
    this.#mastering?.leave();
    this.#link.close();
  }

  turn(): void {
    const problem = this.#link.turn();
    if (problem !== null) this.#giveUp(problem);
    else if (this.#stage === 'serving') {
      // UPTODATE may have stood in what was read before the link was paused.
      this.#link.setReading(true);
      this.#duty.acknowledge(this.#standing, this.#link.out);
    } else this.#pace();
    if (this.end === null) this.#mastering?.turn();
  }

  wakeAt(): number {
    // Room may have come about since the turn began.
    if (this.#link.isPaused && this.#hasRoom) return this.#standing.nowMs;
    return Math.min(this.#link.wakeAt(), this.#mastering?.wakeAt() ?? Number.POSITIVE_INFINITY);
  }

  takeOutputs(into: QuorumOutput[]): void {
    this.#link.takeOutputs(into);
    this.#mastering?.takeOutputs(into);
  }

  recycle(output: QuorumOutput): void {
    this.#link.recycle(output);
    this.#mastering?.recycle(output);
  }

  onDialed(dial: number, link: number): boolean {
    if (!this.#link.onDialed(dial, link)) return false;
    this.#introduce();
    return true;
  }

  onDialFailed(dial: number): void {
    this.#link.onDialFailed(dial);
  }

  /** An observer has called; false where none are fed. */
  onLinkOpened(link: number): boolean {
    this.#mastering?.onLinkOpened(link);
    return this.#mastering !== null;
  }

  onLinkClosed(link: number): void {
    if (!this.#link.isOn(link)) {
      this.#mastering?.onLinkClosed(link);
      return;
    }
    this.#link.onClosed();
    this.#giveUp('its leader hung up');
  }

  onReceived(link: number, chunk: Uint8Array): void {
    if (!this.#link.isOn(link)) {
      this.#mastering?.onReceived(link, chunk);
      return;
    }
    this.#link.heard();
    const { scanner } = this.#link;
    scanner.push(chunk);
    while (this.end === null) {
      const step = scanner.next();
      if (step === 'more') return;
      if (step === 'bad') this.#giveUp('its leader sent what is no packet');
      else if (step === 'snapshot') this.#onSnapshotPiece();
      else this.#onPacket(scanner.packet);
    }
  }

  onEpochStored(name: EpochName, epoch: number): void {
    if (epoch !== this.#epoch) return;
    if (name === 'accepted' && this.#stage === 'promising') {
      this.#promise(this.#standing.epochs.current);
    } else if (name === 'current' && this.#stage === 'adopting') {
      this.#stage = 'sworn';
      this.#link.silenceMsMax = this.#standing.syncLimitMs;
      this.#acknowledgeEpoch();
    }
  }

  get learnsFrom(): ServerId {
    return this.#link.called;
  }

  /** Those it feeds; null where it feeds none. */
  get observers(): readonly LearnerStatus[] | null {
    return this.#mastering?.observers ?? null;
  }

  // For whoever serves clients.

  /** Whether requests can be sent on; with too much unsent they have to wait. */
  get canForward(): boolean {
    return this.#stage === 'serving' && this.#link.unsentBytes < FORWARD_BYTES_MAX;
  }

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
    if (op === Opcode.Sync) this.#mastering?.onOwnSync();
    appendForwardedRequest(
      this.#link.out,
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

  askToRevalidate(ask: RevalidateAsk): void {
    this.#mastering?.onOwnSession(ask);
    const { out } = this.#link;
    const start = beginPacket(out, PacketType.Revalidate, NONE, NONE);
    encodeRevalidateAsk(out, ask);
    finishPacket(out, start);
  }

  // Inside: agreeing on the epoch.

  #onPacket(packet: PacketView): void {
    switch (this.#stage) {
      case 'introduced':
        this.#onLeaderInfo(packet);
        return;
      case 'promised':
        this.#onWayToSync(packet);
        return;
      case 'installing':
        this.#finishInstall();
        this.#onPacketOfHistory(packet);
        return;
      case 'catchingUp':
      case 'adopting':
      case 'sworn':
        this.#onPacketOfHistory(packet);
        return;
      case 'serving':
        this.#onPacketInStep(packet);
        return;
      default:
        this.#giveUp(`its leader sent ${packetTypeName(packet.type)} out of turn`);
    }
  }

  #introduce(): void {
    this.#stage = 'introduced';
    const { settings, epochs, configurations } = this.#standing;
    const { out } = this.#link;
    const start = beginPacket(out, this.#duty.infoType, epochs.accepted, 0);
    encodeLearnerInfo(out, {
      serverId: settings.id,
      protocolVersion: PROTOCOL_VERSION,
      configVersion: configurations.committed.version,
    });
    finishPacket(out, start);
  }

  #onLeaderInfo(packet: PacketView): void {
    const { epochs } = this.#standing;
    const epoch = packet.zxidHigh;
    if (packet.type !== PacketType.LeaderInfo || packet.zxidLow !== 0) {
      this.#giveUp(`its leader began with ${packetTypeName(packet.type)}`);
    } else if (epoch < epochs.accepted) {
      this.#giveUp('its leader has an older epoch than was promised to another');
    } else if (epoch === epochs.accepted) {
      this.#epoch = epoch;
      this.#promise(NO_NEW_PROMISE);
    } else {
      this.#epoch = epoch;
      this.#stage = 'promising';
      epochs.store('accepted', epoch);
    }
  }

  /**
   * Says what this server has. To a leader that wanted cut off what cannot be cut it says that it has
   * nothing; all is kept until a snapshot has replaced it, and the answer does not count.
   */
  #promise(currentEpoch: number): void {
    this.#stage = 'promised';
    const { history, unableToCutIn, nowMs } = this.#standing;
    this.#promisedAtMs = nowMs;
    const needsAll = unableToCutIn === this.#epoch && currentEpoch === NO_NEW_PROMISE;
    const { out } = this.#link;
    const high = needsAll ? 0 : history.lastHigh;
    const low = needsAll ? 0 : history.lastLow;
    const start = beginPacket(out, PacketType.AckEpoch, high, low);
    encodeAckEpoch(out, { currentEpoch });
    finishPacket(out, start);
  }

  // Inside: getting in step.

  #onWayToSync(packet: PacketView): void {
    if (packet.type === PacketType.Diff) this.#catchUp();
    else if (packet.type === PacketType.Trunc) this.#truncate(packet);
    else if (packet.type === PacketType.Snap) this.#beginInstall(packet);
    else
      this.#giveUp(
        `its leader sent ${packetTypeName(packet.type)} instead of a way to get in step`,
      );
  }

  /** Whatever the log holds now is the leader's history too. */
  #catchUp(): void {
    this.#stage = 'catchingUp';
    const { settings } = this.#standing;
    if (this.#duty.role === 'following' && settings.observerMasterPort > 0) {
      this.#mastering = new Mastering(this.#standing, this.#epoch, this.#link);
    }
    this.#intake = new Intake(this.#standing, this.#mastering);
    if (this.#mastering !== null) this.#mastering.intake = this.#intake;
    this.#tellHistory();
  }

  #tellHistory(): void {
    const { committedHigh, committedLow } = this.#intake;
    this.#standing.service.historyReached(committedHigh, committedLow);
  }

  /** Until it is in step nobody else bounds what its disk is told. */
  #pace(): void {
    const { journal, settings } = this.#standing;
    if (journal.backlogBytes > settings.catchUpBytesMax) this.#link.setReading(false);
    else if (this.#hasRoom) this.#link.setReading(true);
  }

  get #hasRoom(): boolean {
    const { journal, settings } = this.#standing;
    return journal.backlogBytes <= settings.catchUpBytesMax / 2;
  }

  #truncate(packet: PacketView): void {
    const { history, journal, notices } = this.#standing;
    const { zxid, zxidHigh, zxidLow } = packet;
    if (compareHalves(zxidHigh, zxidLow, history.lastHigh, history.lastLow) > 0) {
      this.#giveUp('its leader wants cut off what is not there');
    } else if (!journal.canTruncate(zxid)) {
      this.#standing.unableToCutIn = this.#epoch;
      this.#giveUp('nothing on disk reaches back to where the log is to be cut');
    } else {
      notices.add('info', 'cutting the log', {
        from: formatZxid(history.last),
        to: formatZxid(zxid),
      });
      journal.truncate(zxid);
      history.endAt(zxid);
      this.#catchUp();
    }
  }

  #beginInstall(packet: PacketView): void {
    if (packet.zxidHigh > this.#epoch || packet.zxidHigh < 0) {
      this.#giveUp('its leader has a snapshot of another epoch than its own');
      return;
    }
    this.#standing.notices.add('info', 'taking over a snapshot', { zxid: formatZxid(packet.zxid) });
    this.#stage = 'installing';
    this.#snapshotZxid = packet.zxid;
    this.#standing.journal.beginInstall(packet.zxid);
    this.#link.scanner.beginSnapshot();
  }

  #onSnapshotPiece(): void {
    const { scanner } = this.#link;
    const step = this.#standing.journal.install(scanner.piece);
    if (step === 'refused') this.#giveUp('its leader sent a snapshot that cannot be believed');
    else if (step !== 'more') scanner.endSnapshot(step.byteCount);
  }

  /** Only the packet behind it shows that a snapshot came to its end. */
  #finishInstall(): void {
    this.#standing.journal.finishInstall();
    this.#standing.history.endAt(this.#snapshotZxid);
    this.#catchUp();
  }

  /** Until the learner is in step; pings of that time want no answer. */
  #onPacketOfHistory(packet: PacketView): void {
    if (packet.type === PacketType.NewLeader) this.#onNewLeader(packet);
    else if (packet.type === PacketType.UpToDate) this.#onUpToDate();
    else this.#onRecord(packet);
  }

  /** The epoch is stored behind all records that came before, and acknowledged when it is there. */
  #onNewLeader(packet: PacketView): void {
    const isItsEpoch = packet.zxidHigh === this.#epoch && packet.zxidLow === 0;
    if (this.#stage !== 'catchingUp' || !isItsEpoch) {
      this.#giveUp('its leader declared itself out of turn');
      return;
    }
    if (this.#standing.settings.reconfigEnabled && packet.dataLength > 0) {
      const outcome = parseEnsemble(this.#textOf(packet));
      if (outcome.kind === 'problem') {
        this.#giveUp(`its leader has a configuration that cannot be read: ${outcome.problem}`);
        return;
      }
      this.#ensemble = outcome.ensemble;
      this.#standing.configurations.propose(outcome.ensemble);
    }
    this.#stage = 'adopting';
    this.#standing.epochs.store('current', this.#epoch);
  }

  #onUpToDate(): void {
    if (this.#stage !== 'sworn') {
      this.#giveUp('its leader called it up to date out of turn');
      return;
    }
    this.#acknowledgeEpoch();
    const { service, configurations } = this.#standing;
    this.#tellCommitted();
    this.#duty.begin(this.#epoch, this.#intake);
    this.#mastering?.begin();
    this.#stage = 'serving';
    this.#link.setReading(true);
    this.#link.served();
    this.#measureSync();
    service.standpointChanged(this.standpoint);
    const before = configurations.committed;
    if (this.#ensemble === null || !configurations.commit(this.#ensemble)) return;
    service.activate(this.#ensemble);
    if (this.#hasOtherDuty) this.#giveUp('a new configuration gives it another part');
    else if (!keepsLeader(this.#leader, before, this.#ensemble)) {
      this.#giveUp('a new configuration has no place for its leader');
    }
  }

  #measureSync(): void {
    const { figures, nowMs } = this.#standing;
    const isObserver = this.#duty.role === 'observing';
    const syncTime = isObserver ? figures.observerSyncTime : figures.followerSyncTime;
    syncTime.add(nowMs - this.#promisedAtMs);
  }

  // Inside: in step.

  #onPacketInStep(packet: PacketView): void {
    switch (packet.type) {
      case PacketType.Ping:
        this.#answerPing(packet);
        return;
      case PacketType.Sync:
        if (this.#mastering?.onSynced() !== false) this.#standing.service.synced();
        return;
      case PacketType.Revalidate:
        this.#onRevalidated(packet);
        return;
      default:
        this.#count(packet.type);
        this.#onRecord(packet);
    }
  }

  #count(type: number): void {
    const { figures } = this.#standing;
    if (type === PacketType.Proposal) figures.proposalsReceived += 1;
    else if (isCommit(type)) figures.commitsReceived += 1;
  }

  /** What nobody knows, or nobody needs, is passed over, as Apache's servers do. */
  #onRecord(packet: PacketView): void {
    const { type, dataStart, dataLength } = packet;
    if (type === PacketType.Proposal) this.#take(packet, dataStart, dataLength);
    else if (type === PacketType.Commit) this.#commit(packet);
    else if (type === PacketType.CommitAndActivate) this.#commitAndActivate(packet);
    else if (type === PacketType.Inform) {
      if (this.#take(packet, dataStart, dataLength)) this.#commit(packet);
    } else if (type === PacketType.InformAndActivate) {
      const start = dataStart + SERVER_ID_BYTES;
      if (this.#take(packet, start, dataLength - SERVER_ID_BYTES)) this.#commitAndActivate(packet);
    }
  }

  #take(packet: PacketView, start: number, byteCount: number): boolean {
    const problem = this.#intake.take(packet, start, byteCount);
    if (problem !== null) this.#giveUp(problem);
    return problem === null;
  }

  #commit(packet: PacketView): boolean {
    const problem = this.#intake.commit(packet.zxidHigh, packet.zxidLow);
    if (problem !== null) this.#giveUp(problem);
    else if (this.#stage === 'serving') this.#tellCommitted();
    else this.#tellHistory();
    return problem === null;
  }

  #tellCommitted(): void {
    const { committedHigh, committedLow } = this.#intake;
    this.#standing.service.commit(committedHigh, committedLow);
  }

  #commitAndActivate(packet: PacketView): void {
    const leader = decodeDesignatedLeader(packet.read(this.#reader));
    if (leader === null) {
      this.#giveUp('its leader did not say who leads from now on');
      return;
    }
    if (!this.#commit(packet)) return;
    this.#mastering?.onActivated(leader);
    const { configurations, service } = this.#standing;
    const ensemble = this.#intake.takeProposed();
    if (ensemble === null || !configurations.commit(ensemble)) return;
    service.activate(ensemble);
    if (leader === this.#leader && !this.#hasOtherDuty) return;
    this.#end('a new configuration rules', { leader, zxid: packet.zxid });
  }

  #answerPing(packet: PacketView): void {
    const { out } = this.#link;
    const start = beginPacket(out, PacketType.Ping, packet.zxidHigh, packet.zxidLow);
    this.#standing.service.writeTouches(out);
    this.#mastering?.writeTouches(out);
    finishPacket(out, start);
  }

  #onRevalidated(packet: PacketView): void {
    const answer = decodeRevalidateAnswer(packet.read(this.#reader));
    if (answer === null) this.#giveUp('its leader answered for no session');
    else if (this.#mastering?.onRevalidated(answer) !== false) {
      this.#standing.service.revalidated(answer);
    }
  }

  // Inside: small things.

  get #seeksMasters(): boolean {
    return this.#duty.role === 'observing' && this.#standing.settings.observerMasterPort > 0;
  }

  get #hasOtherDuty(): boolean {
    const { configurations, settings } = this.#standing;
    return configurations.isObserver(settings.id) !== (this.#duty.role === 'observing');
  }

  #acknowledgeEpoch(): void {
    appendAck(this.#link.out, this.#epoch, 0);
  }

  #textOf(packet: PacketView): string {
    const { bytes, dataStart, dataLength } = packet;
    return decodeUtf8(bytes.subarray(dataStart, dataStart + dataLength));
  }

  #giveUp(reason: string): void {
    this.#end(reason, null);
  }

  #end(reason: string, successor: RoleEnd['successor']): void {
    this.end ??= { reason, successor };
  }
}

function isCommit(type: number): boolean {
  return (
    type === PacketType.Commit ||
    type === PacketType.CommitAndActivate ||
    type === PacketType.Inform ||
    type === PacketType.InformAndActivate
  );
}
