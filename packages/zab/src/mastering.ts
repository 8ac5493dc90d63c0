/**
 * What a follower does for observers that it feeds, so that they do not burden the leader: it plays
 * their leader, of the same epoch, and passes on to the real one what they ask.
 *
 *     leader ──PROPOSAL, COMMIT──▶ follower ──INFORM──▶ observers
 *            ◀─REQUEST, REVALIDATE, sessions in PING───
 *
 * They are told of a record when it is committed and on this server's own disk, and of an answer
 * behind all that was committed before it. A snapshot may hold what is committed and not on this disk
 * yet, never more: what this server applies in step, a quorum has. They are counted nowhere, and are let go when this server
 * follows no more.
 */
import {
  appendSessionTouch,
  beginPacket,
  encodeRevalidateAsk,
  ForwardedRequestView,
  finishPacket,
  JuteWriter,
  Opcode,
  PacketType,
  type PacketView,
  type RevalidateAnswer,
  type RevalidateAsk,
  readSessionTouches,
  type ServerId,
} from '@zabra/wire';
import { type LearnerStatus, OWN_ORIGIN, type QuorumOutput } from './contract.ts';
import { Broadcast } from './leading/broadcast.ts';
import { Feed } from './leading/feed.ts';
import { demandBytesMax, type Learner, type LearnerKeeper, pingAll } from './leading/learner.ts';
import { Learners } from './leading/learners.ts';
import { Term } from './leading/term.ts';
import type { Intake, RecordSink } from './learning/intake.ts';
import type { LeaderLink } from './learning/leader-link.ts';
import { Asked } from './mastering/asked.ts';
import type { Standing } from './standing.ts';
import { zxidOfHalves } from './zxid-halves.ts';

/** Sessions that the leader has not heard of, in bytes; and how many it is told in one answer. */
const TOUCH_BYTES_MAX = 4 * 1024 * 1024;
const TOUCH_BYTES_TOLD = 42_000 * 12;

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;
/** No leader of that epoch is known here by what it began with. */
const NO_EPOCH = -1;

/** What is owed to observers behind everything up to this counter. */
type Due =
  | { readonly kind: 'sync'; readonly counter: number; readonly link: number }
  | {
      readonly kind: 'session';
      readonly counter: number;
      readonly link: number;
      readonly answer: RevalidateAnswer;
    }
  | { readonly kind: 'activate'; readonly counter: number; readonly leader: ServerId };

export class Mastering implements LearnerKeeper, RecordSink {
  readonly epoch: number;
  readonly #standing: Standing;
  readonly #leader: LeaderLink;
  readonly #broadcast: Broadcast;
  readonly #learners: Learners;
  readonly #asked = new Asked();
  readonly #request = new ForwardedRequestView();
  #dues: Due[] = [];
  /** Sessions of observers that have spoken, as the leader is told of them. */
  #touches = new JuteWriter(256);
  #toldTouchBytes = 0;
  /** The last record from before this epoch. */
  #beforeHigh: number;
  #beforeLow: number;
  /** Observers are taken in once this server is in step itself. */
  #term: Term | null = null;
  /** How far the leader has committed. */
  intake!: Intake;
  #pingAtMs = NEVER;

  /** What the log holds now is the leader's history; everything behind it is told here. */
  constructor(standing: Standing, epoch: number, leader: LeaderLink) {
    const { lastHigh, lastLow } = standing.history;
    this.#standing = standing;
    this.#learners = new Learners(standing, this);
    this.epoch = epoch;
    this.#leader = leader;
    this.#broadcast = new Broadcast(epoch, lastHigh === epoch ? lastLow >>> 0 : 0);
    this.#beforeHigh = lastHigh;
    this.#beforeLow = lastHigh === epoch ? 0 : lastLow;
  }

  onRecord(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    if (high === this.epoch) {
      this.#broadcast.propose(bytes, view, start, byteCount);
    } else {
      this.#beforeHigh = high;
      this.#beforeLow = low;
    }
  }

  /** This server is in step. */
  begin(): void {
    const { orders, nowMs, settings } = this.#standing;
    const historyEnd = zxidOfHalves(this.#beforeHigh, this.#beforeLow);
    this.#term = new Term(this.#standing, NO_EPOCH, historyEnd, this.#broadcast);
    this.#term.isServing = true;
    this.#pingAtMs = nowMs + settings.tickMs / 2;
    orders.push({ kind: 'listenToObservers' });
  }

  leave(): void {
    if (this.#term === null) return;
    this.#learners.leave();
    this.#standing.orders.push({ kind: 'stopListeningToObservers' });
  }

  turn(): void {
    this.#tellInOrder();
    this.#broadcast.trim(this.#durable, this.#standing.settings.observerBytesMax);
    if (this.#term === null) return;
    this.#learners.pump();
    this.#ping();
    this.#learners.dropFailed();
  }

  wakeAt(): number {
    const pingAtMs = this.#learners.size > 0 ? this.#pingAtMs : NEVER;
    return Math.min(pingAtMs, this.#learners.dueMs);
  }

  takeOutputs(into: QuorumOutput[]): void {
    this.#learners.takeOutputs(into);
  }

  recycle(output: QuorumOutput): void {
    this.#learners.recycle(output);
  }

  onLinkOpened(link: number): void {
    if (this.#term !== null) this.#learners.onLinkOpened(link);
    else this.#standing.orders.push({ kind: 'close', link });
  }

  onReceived(link: number, chunk: Uint8Array): void {
    this.#learners.onReceived(link, chunk);
  }

  onLinkClosed(link: number): void {
    this.#learners.onLinkClosed(link);
  }

  get observers(): readonly LearnerStatus[] {
    return this.#learners.statuses(() => ({ isVoter: false, lag: 0 }));
  }

  // For whoever follows the leader.

  /** This server itself has asked. */
  onOwnSync(): void {
    this.#asked.sync(OWN_ORIGIN);
  }

  onOwnSession(ask: RevalidateAsk): void {
    this.#asked.session(OWN_ORIGIN, ask);
  }

  /** The leader answers a sync: whether it is this server's own. */
  onSynced(): boolean {
    const link = this.#asked.takeSync();
    if (link !== OWN_ORIGIN) this.#dues.push({ kind: 'sync', counter: this.#committed, link });
    return link === OWN_ORIGIN;
  }

  /** It answers for a session: whether that is this server's own. */
  onRevalidated(answer: RevalidateAnswer): boolean {
    const link = this.#asked.takeSession(answer);
    if (link === OWN_ORIGIN) return true;
    this.#dues.push({ kind: 'session', counter: this.#committed, link, answer });
    return false;
  }

  /** The record committed last makes a configuration by which this server leads. */
  onActivated(leader: ServerId): void {
    this.#dues.push({ kind: 'activate', counter: this.#committed, leader });
  }

  /** Adds the observers' sessions to an answer; what is too much for one comes with the next. */
  writeTouches(out: JuteWriter): void {
    const touches = this.#touches;
    const from = this.#toldTouchBytes;
    const byteCount = Math.min(touches.position - from, TOUCH_BYTES_TOLD);
    out.raw(touches.bytes, touches.view, from, byteCount);
    this.#toldTouchBytes += byteCount;
    if (this.#toldTouchBytes < touches.position) return;
    touches.position = 0;
    this.#toldTouchBytes = 0;
  }

  // As a keeper of learners.

  onIntroduced(learner: Learner, configVersion: bigint | null): void {
    const { configurations, settings, nowMs, initLimitMs } = this.#standing;
    if (!learner.isObserver) learner.fail('only observers are fed here');
    else if (learner.id === settings.id) learner.fail('it has the id of this server');
    else if (configVersion !== null && configVersion > configurations.committed.version) {
      learner.fail('it has a later configuration');
    } else {
      this.#learners.replace(learner);
      learner.sendLeaderInfo(nowMs + initLimitMs);
    }
  }

  /** What it has beyond this server may be agreed: that is not for this server to cut. */
  onPromised(learner: Learner): void {
    const term = this.#term!;
    if (learner.zxid > term.committed) {
      learner.fail('it is ahead of this server');
      return;
    }
    learner.stage = 'feeding';
    learner.dueMs = this.#learners.patientUntilMs;
    learner.feed = new Feed(term, learner.outgoing, true, learner.zxid);
    learner.feed.start();
  }

  onSworn(learner: Learner): void {
    learner.sendUpToDate();
    learner.dueMs = this.#standing.nowMs + this.#standing.syncLimitMs;
  }

  /** Nobody counts what observers have. */
  onAcknowledged(): void {}

  onRequest(learner: Learner, packet: PacketView): void {
    const request = this.#request;
    if (!this.#mayAsk(learner)) return;
    if (!request.reset(packet)) {
      learner.fail('its request is cut off');
      return;
    }
    if (request.op === Opcode.Sync) this.#asked.sync(learner.link);
    this.#leader.out.raw(packet.bytes, packet.view, packet.start, packet.end - packet.start);
  }

  onRevalidate(learner: Learner, ask: RevalidateAsk): void {
    if (!this.#mayAsk(learner)) return;
    this.#standing.figures.revalidations += 1;
    this.#asked.session(learner.link, ask);
    const { out } = this.#leader;
    const start = beginPacket(out, PacketType.Revalidate, NONE, NONE);
    encodeRevalidateAsk(out, ask);
    finishPacket(out, start);
  }

  onPong(learner: Learner, packet: PacketView): void {
    if (!readSessionTouches(packet, this)) learner.fail('its sessions are cut off');
    else if (this.#touches.position > TOUCH_BYTES_MAX) {
      learner.fail('it has more sessions than the leader can be told of');
    }
  }

  touchSession(sessionHigh: number, sessionLow: number, timeoutMs: number): void {
    appendSessionTouch(this.#touches, sessionHigh, sessionLow, timeoutMs);
  }

  onLeft({ id }: Learner, reason: string): void {
    const { notices } = this.#standing;
    notices.add('warn', 'an observer has left', { server: `${id}`, reason });
  }

  // Inside.

  #mayAsk(learner: Learner): boolean {
    if (!learner.isInStep) learner.fail('it asked for something before it was in step');
    else if (this.#leader.unsentBytes > this.#passedBytesMax || this.#asked.isFull) {
      learner.fail('it asks for more than can be on its way');
    }
    return learner.problem === null;
  }

  /** What has not left to the leader at most, for observers to ask for more. */
  get #passedBytesMax(): number {
    const { settings } = this.#standing;
    return settings.forwardedBytesMax + demandBytesMax(settings, this.#learners.size);
  }

  /** Counter of the last record that the leader has committed. */
  get #committed(): number {
    const { committedHigh, committedLow } = this.intake;
    return committedHigh === this.epoch ? committedLow >>> 0 : 0;
  }

  /** Counter of the last record that is on this server's own disk. */
  get #durable(): number {
    const { durableHigh, durableLow } = this.#standing.history;
    return durableHigh === this.epoch ? durableLow >>> 0 : 0;
  }

  /** Records and answers in the order in which the leader said them. */
  #tellInOrder(): void {
    const settled = Math.max(this.#broadcast.committed, Math.min(this.#committed, this.#durable));
    let told = 0;
    for (const due of this.#dues) {
      if (due.counter > settled) break;
      if (due.kind === 'activate') this.#tellActivation(due.counter, due.leader);
      else {
        this.#broadcast.commitTo(due.counter);
        const learner = this.#learners.get(due.link);
        if (due.kind === 'sync') learner?.sendSync();
        else learner?.sendRevalidation(due.answer);
      }
      told += 1;
    }
    if (told > 0) this.#dues.splice(0, told);
    this.#broadcast.commitTo(settled);
  }

  #tellActivation(counter: number, leader: ServerId): void {
    if (counter <= this.#broadcast.committed) return;
    this.#broadcast.commitTo(counter - 1);
    this.#broadcast.activateNext(leader);
  }

  #ping(): void {
    const { nowMs, settings } = this.#standing;
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + settings.tickMs / 2;
    pingAll(this.#learners.values(), this.#broadcast.committed);
  }
}
