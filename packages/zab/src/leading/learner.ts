/**
 * One learner as its leader sees it: what it has said so far, what it is sent, and when it must have
 * said the next thing. It takes packets apart and knows in which order they may come; what they mean
 * for the term is its keeper's to decide.
 *
 *     calling ─▶ introduced ─▶ asked ─▶ promised ─▶ feeding ─▶ sworn ─▶ synced
 *        FOLLOWERINFO   LEADERINFO  ACKEPOCH   DIFF…NEWLEADER  ACK   UPTODATE
 *
 * Where the leader itself is awaited, for `introduced`, `promised` and `sworn`, there is no hurry.
 */
import {
  appendBarePacket,
  appendPing,
  beginPacket,
  decodeAckEpoch,
  decodeLearnerInfo,
  decodeRevalidateAsk,
  encodeLeaderInfo,
  encodeRevalidateAnswer,
  finishPacket,
  JuteReader,
  NO_SERVER,
  PacketType,
  type PacketView,
  PROTOCOL_VERSION,
  packetTypeName,
  QuorumPacketScanner,
  type RevalidateAnswer,
  type RevalidateAsk,
  type ServerId,
  type Zxid,
} from '@zabra/wire';
import type { PeerSettings } from '../settings.ts';
import { AckWatch } from './ack-watch.ts';
import type { Feed } from './feed.ts';
import { Outgoing } from './outgoing.ts';
import type { Pinged } from './sync-rounds.ts';
import type { Seat } from './tally.ts';

type LearnerStage =
  | 'calling'
  | 'introduced'
  | 'asked'
  | 'promised'
  | 'feeding'
  | 'sworn'
  | 'synced';

/** Who decides what a learner's words mean. */
export interface LearnerKeeper {
  readonly epoch: number;
  /** It has said who it is; `configVersion` is null where it is too old to have one. */
  onIntroduced(learner: Learner, configVersion: bigint | null): void;
  /** It will follow no leader of an older epoch; null if that is not news. */
  onPromised(learner: Learner, currentEpoch: number): void;
  onSworn(learner: Learner): void;
  onAcknowledged(learner: Learner, counter: number): void;
  onRequest(learner: Learner, packet: PacketView): void;
  onRevalidate(learner: Learner, ask: RevalidateAsk): void;
  onPong(learner: Learner, packet: PacketView): void;
  /** One that has said who it is has gone, or is let go. */
  onLeft(learner: Learner, reason: string): void;
}

const NEVER = Number.POSITIVE_INFINITY;
const NONE = -1;

export class Learner implements Pinged {
  readonly link: number;
  readonly #keeper: LearnerKeeper;
  readonly #scanner: QuorumPacketScanner;
  readonly #reader = new JuteReader();
  readonly outgoing: Outgoing;
  readonly watch: AckWatch = new AckWatch();
  /** Counter of the last proposal it need not acknowledge, for that was committed before it was in step. */
  excused = 0;
  id: ServerId = NO_SERVER;
  isObserver = false;
  acceptedEpoch = 0;
  /** The last zxid that it says it has. */
  zxid!: Zxid;
  /** It has one from the moment on at which it is fed. */
  seat!: Seat;
  stage: LearnerStage = 'calling';
  feed: Feed | null = null;
  /** When it must have said the next thing. */
  dueMs: number = NEVER;
  pings = 0;
  pongs = 0;
  /** Why it is not a learner any more; nothing is handed to it then. */
  problem: string | null = null;

  constructor(link: number, keeper: LearnerKeeper, packetBytesMax: number) {
    this.link = link;
    this.#keeper = keeper;
    this.#scanner = new QuorumPacketScanner(packetBytesMax);
    this.outgoing = new Outgoing(link);
  }

  get isInStep(): boolean {
    return this.stage === 'synced';
  }

  // What comes.

  receive(chunk: Uint8Array): void {
    const scanner = this.#scanner;
    scanner.push(chunk);
    while (this.problem === null) {
      const step = scanner.next();
      if (step === 'more') return;
      if (step === 'packet') this.#onPacket(scanner.packet);
      else this.fail('it sent what is no packet');
    }
  }

  fail(problem: string): void {
    this.problem ??= problem;
  }

  #onPacket(packet: PacketView): void {
    switch (this.stage) {
      case 'calling':
        this.#onInfo(packet);
        return;
      case 'asked':
        this.#onAckEpoch(packet);
        return;
      case 'feeding':
        this.#onPacketWhileFed(packet);
        return;
      case 'sworn':
      case 'synced':
        this.#onPacketInStep(packet);
        return;
      default:
        this.fail(`it sent ${packetTypeName(packet.type)} before it was asked`);
    }
  }

  #onInfo(packet: PacketView): void {
    const isObserver = packet.type === PacketType.ObserverInfo;
    const info = decodeLearnerInfo(packet.read(this.#reader));
    if ((!isObserver && packet.type !== PacketType.FollowerInfo) || info === null) {
      this.fail(`it began with ${packetTypeName(packet.type)}`);
    } else if (info.protocolVersion === null || info.protocolVersion < PROTOCOL_VERSION) {
      this.fail('it speaks a protocol from before 3.4');
    } else {
      this.id = info.serverId;
      this.isObserver = isObserver;
      this.acceptedEpoch = packet.zxidHigh;
      this.stage = 'introduced';
      this.dueMs = NEVER;
      this.#keeper.onIntroduced(this, info.configVersion);
    }
  }

  #onAckEpoch(packet: PacketView): void {
    const ack = decodeAckEpoch(packet.read(this.#reader));
    if (packet.type !== PacketType.AckEpoch || ack === null) {
      this.fail(`it answered the epoch with ${packetTypeName(packet.type)}`);
      return;
    }
    this.zxid = packet.zxid;
    this.stage = 'promised';
    this.dueMs = NEVER;
    this.#keeper.onPromised(this, ack.currentEpoch);
  }

  #onPacketWhileFed(packet: PacketView): void {
    if (packet.type === PacketType.Ack) this.#onAck(packet);
    else this.fail(`it sent ${packetTypeName(packet.type)} before it was in step`);
  }

  #onPacketInStep(packet: PacketView): void {
    switch (packet.type) {
      case PacketType.Ack:
        this.#onAck(packet);
        return;
      case PacketType.Ping:
        this.pongs += 1;
        this.#keeper.onPong(this, packet);
        return;
      case PacketType.Request:
        this.#keeper.onRequest(this, packet);
        return;
      case PacketType.Revalidate:
        this.#onRevalidate(packet);
        return;
      default:
    }
  }

  /**
   * Told apart by the zxid alone: followers from before 3.9.3 may acknowledge records ahead of the
   * leader. Records of other epochs are committed, and nobody counts who has those.
   */
  #onAck(packet: PacketView): void {
    if (packet.zxidHigh !== this.#keeper.epoch) return;
    if (packet.zxidLow !== 0) this.#keeper.onAcknowledged(this, packet.zxidLow >>> 0);
    else if (this.stage !== 'feeding') return;
    else if (this.feed === null || !this.feed.isAttached) this.fail('it swore before it was asked');
    else {
      this.stage = 'sworn';
      this.dueMs = NEVER;
      this.#keeper.onSworn(this);
    }
  }

  #onRevalidate(packet: PacketView): void {
    const ask = decodeRevalidateAsk(packet.read(this.#reader));
    if (ask === null) this.fail('it asked for no session');
    else this.#keeper.onRevalidate(this, ask);
  }

  // What leaves.

  sendLeaderInfo(dueMs: number): void {
    const out = this.outgoing.open();
    const start = beginPacket(out, PacketType.LeaderInfo, this.#keeper.epoch, 0);
    encodeLeaderInfo(out, { protocolVersion: PROTOCOL_VERSION });
    finishPacket(out, start);
    this.outgoing.close();
    this.stage = 'asked';
    this.dueMs = dueMs;
  }

  sendUpToDate(): void {
    appendBarePacket(this.outgoing.open(), PacketType.UpToDate, NONE, NONE);
    this.outgoing.close();
    this.stage = 'synced';
  }

  /** Counter up to which nothing is owed. */
  get settled(): number {
    return Math.max(this.seat.acknowledged, this.excused);
  }

  /** Who is not in step yet hears from its leader, but does not answer. */
  sendPing(counter: number): void {
    appendPing(this.outgoing.open(), this.#keeper.epoch, counter | 0);
    this.outgoing.close();
    if (this.isInStep) this.pings += 1;
  }

  sendSync(): void {
    appendBarePacket(this.outgoing.open(), PacketType.Sync, 0, 0);
    this.outgoing.close();
  }

  sendRevalidation(answer: RevalidateAnswer): void {
    const out = this.outgoing.open();
    const start = beginPacket(out, PacketType.Revalidate, NONE, NONE);
    encodeRevalidateAnswer(out, answer);
    finishPacket(out, start);
    this.outgoing.close();
  }
}

/** Learners of other makes do not stop where ours do. */
const EXCESS_MAX = 2;

/** What so many learners may have asked for that is still on its way. */
export function demandBytesMax(
  { forwardedBytesMax, packetBytesMax }: PeerSettings,
  learnerCount: number,
): number {
  // One packet may go beyond the bound, and who has a bound of one still asks for one thing.
  return learnerCount * EXCESS_MAX * (forwardedBytesMax + packetBytesMax);
}

/** Lets those hear from their leader who wait for it; `counter` is that of its last proposal. */
export function pingAll(learners: Iterable<Learner>, counter: number): void {
  for (const learner of learners) if (learner.feed?.isAttached) learner.sendPing(counter);
}
