/**
 * Brings one learner in step: says how, sends what it lacks from a snapshot, the log or the recent
 * proposals, hands it over to what everybody is sent, and declares the leader. What a learner is sent
 * has no hole: each record is looked at before it is sent, wherever it comes from.
 *
 *     judging ─▶ snapshot ─▶ log ─▶ recent ─▶ attached
 *        └──────────┴─────────┴───────┴──────────▲
 *
 * It goes on only as fast as the learner takes what it is sent.
 */
import {
  appendBarePacket,
  appendCommit,
  appendProposal,
  appendSnapshotSignature,
  beginPacket,
  encodeUtf8,
  finishPacket,
  formatEnsemble,
  PacketType,
  type Zxid,
  zxidOf,
} from '@zabra/wire';
import type { LogReading } from '../contract.ts';
import type { Reading } from '../readings.ts';
import { compareHalves, highOf, isSuccessor, lowOf, zxidOfHalves } from '../zxid-halves.ts';
import type { Outgoing } from './outgoing.ts';
import type { SyncKind } from './syncs.ts';
import type { Term } from './term.ts';
import { type WayToSync, wayByLog, wayBySnapshot, wayByTerm } from './way-to-sync.ts';

type Stage = 'judging' | 'snapshot' | 'log' | 'recent' | 'attached';

/** What has not left of the learner's own packets; with more, nothing is added. */
const AHEAD_BYTES_MAX = 512 * 1024;
/** What is asked of the log or a snapshot at a time. */
const PULL_BYTES = 128 * 1024;

const NO_READER = 0;

export class Feed implements Reading {
  readonly #term: Term;
  readonly #outgoing: Outgoing;
  readonly #isObserver: boolean;
  /** The last zxid that the learner says it has. */
  readonly #zxid: Zxid;
  #stage: Stage = 'judging';
  /** How it gets in step, from when that is known until it is. */
  #sync: SyncKind | null = null;
  /** While judging: the last record of the log that is not above the learner's. */
  #before: Zxid | null = null;
  /** The last record that it was sent, or has anyway. */
  #lastHigh = 0;
  #lastLow = 0;
  #reader = NO_READER;
  #isPulling = false;
  /** Whether the reading of the log has brought anything to send. */
  #hasSent = false;
  /** Why this learner cannot be brought in step. */
  problem: string | null = null;

  constructor(term: Term, outgoing: Outgoing, isObserver: boolean, zxid: Zxid) {
    this.#term = term;
    this.#outgoing = outgoing;
    this.#isObserver = isObserver;
    this.#zxid = zxid;
  }

  get isAttached(): boolean {
    return this.#stage === 'attached';
  }

  start(): void {
    this.#go(wayByTerm(this.#term, this.#zxid));
  }

  /** Goes on as far as the learner's buffer allows. */
  pump(): void {
    if (this.problem !== null || this.#isPulling || this.#isAhead) return;
    if (this.#stage === 'recent') this.#sendRecent();
    if (this.#reader === NO_READER || this.#isAhead) return;
    this.#isPulling = true;
    this.#term.standing.archive.pull(this.#reader, PULL_BYTES);
  }

  stop(): void {
    this.#closeReader();
    this.#endSync();
    if (this.isAttached && this.#isObserver) this.#term.broadcast.observers -= 1;
  }

  // As a reading.

  onRecord(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    if (this.#stage === 'judging') this.#judge(zxidOfHalves(high, low));
    else if (this.#isNext(high, low)) this.#sendRecord(high, low, bytes, view, start, byteCount);
  }

  onLogPulled(reading: LogReading): void {
    this.#isPulling = false;
    if (this.#stage === 'judging') this.#judgeEnd(reading);
    else if (reading === 'gone') this.problem = 'the log was cleared away while it was read';
    else if (this.#isRecent) this.#follow();
    else if (reading === 'end') this.#readOn();
  }

  onSnapshotOpened(zxid: Zxid): void {
    const { historyEnd, epoch } = this.#term;
    // Where the whole history is in it, it may be called one of the beginning of the term.
    const beginning = zxidOf(epoch, 0);
    const name = zxid >= historyEnd && zxid < beginning ? beginning : zxid;
    if (name <= this.#zxid) {
      this.problem = 'there is no snapshot that would bring it further';
      return;
    }
    this.#say(PacketType.Snap, name);
    this.#has(zxid);
  }

  onSnapshotPulled(piece: Uint8Array, isEnd: boolean): void {
    this.#isPulling = false;
    const out = this.#outgoing.open();
    out.reserve(piece.length);
    out.bytes.set(piece, out.position);
    out.position += piece.length;
    if (isEnd) appendSnapshotSignature(out);
    this.#outgoing.close();
    if (isEnd) this.#follow();
  }

  // Inside: which way.

  #go(way: WayToSync): void {
    switch (way.kind) {
      case 'diff':
        if (!this.#beginSync('diff')) return;
        this.#say(PacketType.Diff, this.#term.committed);
        this.#has(way.from);
        this.#follow();
        return;
      case 'trunc':
        if (!this.#beginSync('diff')) return;
        this.#say(PacketType.Trunc, way.to);
        this.#has(way.to);
        this.#follow();
        return;
      case 'snap':
        if (!this.#beginSync('snap')) return;
        this.#stage = 'snapshot';
        this.#openReader();
        this.#term.standing.archive.openSnapshot(this.#reader, way.atLeast);
        return;
      case 'unknown':
        this.#openReader();
        this.#term.standing.archive.openLog(this.#reader, this.#zxid);
        return;
      default:
        this.problem = 'it has what was never proposed';
    }
  }

  /** The first record read is not above the learner's; by the one behind it the way is found. */
  #judge(zxid: Zxid): void {
    if (zxid <= this.#zxid) this.#before = zxid;
    if (zxid >= this.#zxid) this.#goByLog(zxid === this.#zxid ? null : zxid);
  }

  #judgeEnd(reading: LogReading): void {
    if (reading === 'end' && this.#before !== null) this.#goByLog(null);
    else if (reading !== 'more') this.#go(wayBySnapshot(this.#term, this.#zxid));
  }

  #goByLog(after: Zxid | null): void {
    this.#go(wayByLog(this.#term, this.#zxid, this.#before, after));
  }

  // Inside: from where.

  /** Sends what is behind the last record, from wherever it is. */
  #follow(): void {
    this.#closeReader();
    if (this.#isRecent) {
      this.#stage = 'recent';
      return;
    }
    this.#stage = 'log';
    this.#hasSent = false;
    this.#openReader();
    this.#term.standing.archive.openLog(this.#reader, zxidOfHalves(this.#lastHigh, this.#lastLow));
  }

  /** The log has grown while it was read, and what was recent then is not any more. */
  #readOn(): void {
    if (this.#hasSent) this.#follow();
    else this.problem = 'the log ends before it should';
  }

  /** Whether the record behind the last one is, or will be, among the recent proposals. */
  get #isRecent(): boolean {
    const counter = this.#term.counterOf(zxidOfHalves(this.#lastHigh, this.#lastLow));
    return counter !== null && counter + 1 >= this.#term.broadcast.recent.first;
  }

  /** Readings start a little too early, and go on to what is not committed. */
  #isNext(high: number, low: number): boolean {
    if (this.#stage !== 'log' || this.problem !== null) return false;
    if (compareHalves(high, low, this.#lastHigh, this.#lastLow) <= 0) return false;
    const { epoch, broadcast } = this.#term;
    if (high === epoch && low >>> 0 > broadcast.committed) return false;
    if (isSuccessor(this.#lastHigh, this.#lastLow, high, low)) return true;
    this.problem = 'the log has a hole';
    return false;
  }

  // Inside: packets.

  #sendRecord(
    high: number,
    low: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    const out = this.#outgoing.open();
    appendProposal(out, high, low, bytes, view, start, byteCount);
    appendCommit(out, high, low);
    this.#outgoing.close();
    this.#lastHigh = high;
    this.#lastLow = low;
    this.#hasSent = true;
  }

  #sendRecent(): void {
    const { broadcast, epoch } = this.#term;
    const out = this.#outgoing.open();
    let counter = this.#lastHigh === epoch ? this.#lastLow >>> 0 : 0;
    while (counter < broadcast.committed && !this.#isAhead) {
      if (counter + 1 < broadcast.recent.first) {
        this.#follow();
        return;
      }
      counter += 1;
      broadcast.copyProposal(counter, out);
      appendCommit(out, epoch, counter | 0);
      this.#outgoing.close();
      this.#lastHigh = epoch;
      this.#lastLow = counter | 0;
    }
    // A follower's own snapshot may hold what it does not tell observers yet: those wait for it.
    if (counter === broadcast.committed) this.#attach(counter);
  }

  /** What is still on its way goes ahead; an observer hears of it when it is through. */
  #attach(counter: number): void {
    const { broadcast } = this.#term;
    const out = this.#outgoing.open();
    if (!this.#isObserver) {
      for (let n = counter + 1; n <= broadcast.proposed; n += 1) broadcast.copyProposal(n, out);
    }
    this.#declareLeader();
    this.#endSync();
    this.#stage = 'attached';
    if (this.#isObserver) broadcast.observers += 1;
    this.#outgoing.attach(this.#isObserver ? broadcast.informs : broadcast.proposals);
  }

  /** With the configuration that rules, or with the one that will when the term begins. */
  #declareLeader(): void {
    const { configurations } = this.#term.standing;
    const { isServing, epoch } = this.#term;
    const out = this.#outgoing.open();
    const start = beginPacket(out, PacketType.NewLeader, epoch, 0);
    const ensemble = isServing ? configurations.committed : configurations.newest;
    const text = encodeUtf8(formatEnsemble(ensemble));
    out.reserve(text.length);
    out.bytes.set(text, out.position);
    out.position += text.length;
    finishPacket(out, start);
    this.#outgoing.close();
  }

  #say(type: number, zxid: Zxid): void {
    appendBarePacket(this.#outgoing.open(), type, highOf(zxid), lowOf(zxid));
    this.#outgoing.close();
  }

  // Inside: small things.

  #has(zxid: Zxid): void {
    this.#lastHigh = highOf(zxid);
    this.#lastLow = lowOf(zxid);
  }

  #beginSync(kind: SyncKind): boolean {
    const { syncs, standing } = this.#term;
    if (!syncs.begin(kind, this.#isObserver)) {
      this.problem = 'too many learners are getting in step';
      return false;
    }
    this.#sync = kind;
    if (kind === 'snap') standing.figures.snapshots += 1;
    else standing.figures.diffs += 1;
    return true;
  }

  #endSync(): void {
    if (this.#sync !== null) this.#term.syncs.end(this.#sync);
    this.#sync = null;
  }

  get #isAhead(): boolean {
    return this.#outgoing.ownBytes >= AHEAD_BYTES_MAX;
  }

  #openReader(): void {
    this.#closeReader();
    this.#reader = this.#term.standing.readings.open(this);
  }

  #closeReader(): void {
    if (this.#reader === NO_READER) return;
    this.#term.standing.readings.close(this.#reader);
    this.#term.standing.archive.close(this.#reader);
    this.#reader = NO_READER;
    this.#isPulling = false;
  }
}
