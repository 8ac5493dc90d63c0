/**
 * The way of a record, from the moment at which it is prepared or comes from a leader: gathered with
 * others, made durable with them, and applied in order once it is committed. What commits it is the
 * disk's answer on a standalone server; in an ensemble the word of a quorum, which may come before
 * that answer or long after it. What is logged and not committed waits here, beside the tree; a member
 * that gets in step, and would have to keep too much, applies what is on its disk (`commitAhead`), as it
 * would after a restart.
 *
 * One batch is on its way to the disk while the next gathers; what else the disk of a member has to
 * do takes its place in the same line, one thing at a time. Applying is sliced over turns.
 */
import {
  Application,
  applyTransaction,
  DigestCheck,
  type Pending,
  type Session,
  TxnField,
} from '@zabra/tree';
import { assert } from '@zabra/wire';
import { Batch, RECORD_HEAD_BYTES } from './batch.ts';
import { Company } from './company.ts';
import type { Connection } from './connection.ts';
import type { Duty } from './duty.ts';
import type { ServerState } from './state.ts';

/** Transactions applied in one turn at most; the rest waits for the next. */
const APPLIES_PER_TURN = 1000;
/** Events told in one turn, and their bytes, after which no further transaction is applied. */
const EVENTS_PER_TURN = 20_000;
const EVENT_BYTES_PER_TURN = 1024 * 1024;
/** Batches that are safe and not yet applied; with as many, nothing more goes to the disk. */
const COMMITTED_MAX = 2;
/** A batch of records from a leader that has grown to this is closed, whatever the disk is doing. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

/** Who hears that a transaction was applied. */
export interface CommitListener {
  onApplied(author: Connection | null, type: number, a: Application): void;
  /** Nothing is under way any more of what this connection waited for. */
  onQuiet(connection: Connection): void;
}

/** A member of an ensemble, as far as its records go. */
export interface RecordKeeper {
  /** Everything up to this record is durable. */
  onLogged(zxidHigh: number, zxidLow: number): void;
  /** It is the turn of this duty, which the disk alone cannot do. */
  onDutyDue(duty: Duty): void;
  onDutyDone(duty: Duty): void;
  /** Who waits here for a transaction that came from a leader. */
  authorOf(sessionHigh: number, sessionLow: number, xid: number, type: number): Connection | null;
  /** A transaction has led to another tree than the leader's. */
  onDifferent(): void;
}

interface Quiet {
  readonly connection: Connection;
  /** Writes to be applied until then, counted from the start. */
  readonly at: number;
}

export class Pipeline {
  readonly #state: ServerState;
  readonly #listener: CommitListener;
  #application: Application;
  /** Null on a standalone server. */
  keeper: RecordKeeper | null = null;
  /** The tree as it will be, where writes are prepared. */
  pending: Pending | null = null;
  /** The records that go to the disk next. */
  gathering: Batch = new Batch();
  /** Batches behind that, in order: not safe yet, or not applied yet. */
  readonly #closed: Batch[] = [];
  readonly #spare: Batch[] = [];
  /** What the disk is to do before it is given what is gathered now. */
  readonly #duties: (Duty | Batch)[] = [];
  #inFlight: Batch | null = null;
  #duty: Duty | null = null;
  readonly #company = new Company();
  /** The last record there is. */
  lastHigh: number;
  lastLow: number;
  #committedHigh: number;
  #committedLow: number;
  /** Up to here a leader says that records are committed, before that is agreed. */
  #saidHigh: number;
  #saidLow: number;
  #durableHigh: number;
  #durableLow: number;
  #unapplied = 0;
  /** Writes applied since the start. */
  #applied = 0;
  /** Connections that wait for writes of others, and when the first of them may go on. */
  #quiet: Quiet[] = [];
  #quietAt = 0;
  #sentAtMs = 0;
  /** Up to its end, records may meet a tree that holds some of what they do. */
  #isTolerant = false;
  #tolerantHigh = 0;
  #tolerantLow = 0;
  /** Appends wait for the first snapshot of a new database: a log alone would not be trusted. */
  isHeld = false;
  /** Transactions and bytes since the log was rolled. */
  loggedCount = 0;
  loggedBytes = 0;

  constructor(state: ServerState, listener: CommitListener) {
    this.#state = state;
    this.#listener = listener;
    this.#application = new Application(state.tree, state.sessions, state.quotas, state.watches);
    const { appliedHigh, appliedLow } = state;
    this.lastHigh = appliedHigh;
    this.lastLow = appliedLow;
    this.#committedHigh = appliedHigh;
    this.#committedLow = appliedLow;
    this.#saidHigh = appliedHigh;
    this.#saidLow = appliedLow;
    this.#durableHigh = appliedHigh;
    this.#durableLow = appliedLow;
  }

  /** Records that are not applied yet. */
  get outstanding(): number {
    return this.#unapplied;
  }

  /** Bytes gathered for the disk. */
  get gatheredBytes(): number {
    return this.gathering.log.position;
  }

  /** Whether a turn would apply something. */
  get hasWork(): boolean {
    for (const batch of this.#closed) if (!batch.isApplied) return this.#isCommitted(batch);
    return !this.gathering.isApplied && this.#isCommitted(this.gathering);
  }

  /** When gathered writes leave that wait for company now. */
  nextDueMs(): number {
    const { count } = this.gathering;
    if (this.#isBusy || count === 0) return Number.POSITIVE_INFINITY;
    const dueMs = this.#company.dueMs(count);
    return dueMs > this.#state.nowMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  get isIdle(): boolean {
    return this.#unapplied === 0;
  }

  /** Whether everything up to this zxid is on the disk. */
  isDurable(zxidHigh: number, zxidLow: number): boolean {
    return !isAbove(zxidHigh, zxidLow, this.#durableHigh, this.#durableLow);
  }

  // Records come.

  /** A record that is complete and lies at the end of what is gathered. */
  added(author: Connection | null, zxidHigh: number, zxidLow: number): void {
    this.gathering.authors.push(author);
    this.lastHigh = zxidHigh;
    this.lastLow = zxidLow;
    this.#unapplied += 1;
  }

  /** A record of a leader's, `byteCount` bytes from `start` on. */
  append(
    zxidHigh: number,
    zxidLow: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
  ): void {
    const { log } = this.gathering;
    const recordStart = log.position;
    log.reserve(RECORD_HEAD_BYTES + byteCount + 1);
    log.position = recordStart + RECORD_HEAD_BYTES;
    log.raw(bytes, view, start, byteCount);
    this.gathering.seal(recordStart);
    this.added(null, zxidHigh, zxidLow);
    if (log.position >= BATCH_BYTES_MAX) this.#duties.push(this.#close());
  }

  /** Everything up to this zxid may be applied. */
  commit(zxidHigh: number, zxidLow: number): void {
    if (!isAbove(zxidHigh, zxidLow, this.#committedHigh, this.#committedLow)) return;
    this.#committedHigh = zxidHigh;
    this.#committedLow = zxidLow;
  }

  /** A leader's word for it, while this server gets in step. */
  believe(zxidHigh: number, zxidLow: number): void {
    this.#saidHigh = zxidHigh;
    this.#saidLow = zxidLow;
  }

  /** What a leader has said is committed may be applied as far as it is on the disk. */
  commitAhead(): void {
    if (this.isDurable(this.#saidHigh, this.#saidLow)) this.commit(this.#saidHigh, this.#saidLow);
    else this.commit(this.#durableHigh, this.#durableLow);
  }

  /** Bytes of records that are not on the disk, or could be applied now or by `commitAhead`. */
  get backlogBytes(): number {
    let bytes = this.gathering.log.position;
    for (const batch of this.#closed) {
      const { isSafe, isApplied, lastHigh, lastLow, appliedBytes, log } = batch;
      const isWaiting = isSafe && !isApplied;
      if (!isSafe) bytes += log.position;
      else if (isWaiting && !isAbove(lastHigh, lastLow, this.#saidHigh, this.#saidLow)) {
        bytes += log.position - appliedBytes;
      }
    }
    return bytes;
  }

  /** Everything there is may be applied. */
  commitAll(): void {
    this.commit(this.lastHigh, this.lastLow);
  }

  /**
   * Whether nothing is under way of a session that comes back on another connection. If something
   * is, the listener hears when it has been applied.
   */
  isQuiet(session: Session, connection: Connection): boolean {
    let at = this.#applied + this.#unapplied;
    for (const batch of [...this.#closed, this.gathering].reverse()) {
      for (let i = batch.count - 1; i >= batch.appliedCount; i -= 1) {
        if (batch.authors[i]?.session === session) {
          this.#quiet.push({ connection, at });
          if (this.#quiet.length === 1 || at < this.#quietAt) this.#quietAt = at;
          return false;
        }
        at -= 1;
      }
    }
    return true;
  }

  // To the disk.

  /** The disk does this behind everything that was gathered, and before everything that will be. */
  order(duty: Duty): void {
    if (this.gathering.count > 0) this.#duties.push(this.#close());
    this.#duties.push(duty);
  }

  /** The disk does this before what is gathered now. */
  orderAhead(duty: Duty): void {
    this.#duties.push(duty);
  }

  /** Gives the disk what comes next, unless something is on its way. */
  flush(): void {
    if (this.#isBusy || this.isHeld) return;
    const next = this.#duties.shift();
    if (next instanceof Batch) {
      this.#send(next);
    } else if (next !== undefined) {
      this.#duty = next;
      if ('order' in next) this.#state.disk.push(next.order);
      else this.keeper!.onDutyDue(next);
    } else if (this.#mayLeave()) {
      this.#send(this.#close());
    }
  }

  /** The disk has done what this ticket asked for; false where the ticket is another's. */
  onDurable(ticket: number): boolean {
    const batch = this.#inFlight;
    if (batch !== null && batch.ticket === ticket) {
      this.#inFlight = null;
      this.#onSafe(batch);
      return true;
    }
    const duty = this.#duty;
    if (duty === null || duty.ticket !== ticket) return false;
    this.#duty = null;
    this.keeper!.onDutyDone(duty);
    return true;
  }

  get #isBusy(): boolean {
    return this.#inFlight !== null || this.#duty !== null;
  }

  #mayLeave(): boolean {
    const { count } = this.gathering;
    if (count === 0) return false;
    if (this.keeper === null && this.#closed.length >= COMMITTED_MAX) return false;
    return this.#company.dueMs(count) <= this.#state.nowMs;
  }

  #close(): Batch {
    const batch = this.gathering;
    batch.lastHigh = this.lastHigh;
    batch.lastLow = this.lastLow;
    this.#closed.push(batch);
    this.gathering = this.#spare.pop() ?? new Batch();
    return batch;
  }

  #send(batch: Batch): void {
    const { log, lastHigh, lastLow, count } = batch;
    batch.ticket = this.#state.nextTicket();
    this.#inFlight = batch;
    this.loggedCount += count;
    this.loggedBytes += log.position;
    this.#sentAtMs = this.#state.nowMs;
    this.#state.figures.syncBatch.add(count);
    this.#state.disk.push({
      kind: 'append',
      ticket: batch.ticket,
      bytes: log.bytes.subarray(0, log.position),
      firstZxid: log.view.getBigInt64(RECORD_HEAD_BYTES + TxnField.Zxid),
      lastZxid: (BigInt(lastHigh) << 32n) | BigInt(lastLow >>> 0),
    });
  }

  #onSafe(batch: Batch): void {
    const { lastHigh, lastLow, count } = batch;
    batch.isSafe = true;
    this.#durableHigh = lastHigh;
    this.#durableLow = lastLow;
    const { nowMs, figures } = this.#state;
    const elapsedMs = nowMs - this.#sentAtMs;
    figures.syncTime.add(elapsedMs);
    this.#company.onSynced(count, elapsedMs, this.gathering.count, nowMs);
    if (this.keeper === null) this.commit(lastHigh, lastLow);
    else this.keeper.onLogged(lastHigh, lastLow);
  }

  // Applying.

  /** Applies what is committed, in order, as far as one turn allows. */
  applyCommitted(): void {
    let budget = APPLIES_PER_TURN;
    this.#state.eventsInTurn = 0;
    this.#state.eventBytesInTurn = 0;
    let isThrough = true;
    for (let i = 0; i < this.#closed.length && isThrough; i += 1) {
      const batch = this.#closed[i]!;
      budget -= this.#applySome(batch, budget);
      isThrough = batch.isApplied;
    }
    if (isThrough && this.keeper !== null) this.#applySome(this.gathering, budget);
    this.#dropApplied();
  }

  #applySome(batch: Batch, budget: number): number {
    const state = this.#state;
    const a = this.#application;
    const { propagationTime } = state.figures;
    // What was missed is old when it comes.
    const isMeasured = state.part.mode !== 'none';
    const { bytes, view } = batch.log;
    const start = batch.appliedCount;
    const end = Math.min(batch.count, batch.keptCount, start + budget);
    for (let i = start; i < end; i += 1) {
      if (state.eventsInTurn >= EVENTS_PER_TURN) break;
      if (state.eventBytesInTurn >= EVENT_BYTES_PER_TURN) break;
      const payloadStart = batch.appliedBytes + RECORD_HEAD_BYTES;
      const high = view.getInt32(payloadStart + TxnField.Zxid);
      const low = view.getInt32(payloadStart + TxnField.Zxid + 4);
      if (isAbove(high, low, this.#committedHigh, this.#committedLow)) break;
      const payloadEnd = payloadStart + view.getInt32(payloadStart - 4);
      state.eventZxidHigh = high;
      state.eventZxidLow = low;
      if (this.#isTolerant) a.tolerant = this.#mayBeHalfThere(high, low);
      const check = applyTransaction(a, bytes, view, payloadStart, payloadEnd);
      if (check === DigestCheck.Different) this.#onDifferent(a);
      if (this.keeper !== null) assert(!a.reader.failed, 'what a quorum has agreed on can be read');
      state.onApplied(high, low);
      this.pending?.release(high, low);
      batch.appliedBytes = payloadEnd + 1;
      batch.appliedCount = i + 1;
      this.#unapplied -= 1;
      this.#applied += 1;
      if (isMeasured) state.measureAge(view, payloadStart, propagationTime);
      const type = view.getInt32(payloadStart + TxnField.Type);
      const author = batch.authors[i] ?? this.#authorOf(view, payloadStart, type);
      this.#listener.onApplied(author, type, a);
      if (this.#applied === this.#quietAt) this.#tellQuiet();
    }
    state.eventZxidHigh = -1;
    state.eventZxidLow = -1;
    return batch.appliedCount - start;
  }

  /** What is both applied and safe is used again. */
  #dropApplied(): void {
    for (;;) {
      const batch = this.#closed[0];
      if (batch === undefined || !batch.isSafe || !batch.isApplied) return;
      this.#closed.shift();
      this.#state.largeRequests.leave(batch.largeBytes);
      batch.reset();
      if (this.#spare.length < 2) this.#spare.push(batch);
    }
  }

  #authorOf(view: DataView, start: number, type: number): Connection | null {
    if (this.keeper === null) return null;
    return this.keeper.authorOf(
      view.getInt32(start + TxnField.Session),
      view.getInt32(start + TxnField.Session + 4),
      view.getInt32(start + TxnField.Cxid),
      type,
    );
  }

  #isCommitted(batch: Batch): boolean {
    const at = batch.appliedBytes + RECORD_HEAD_BYTES + TxnField.Zxid;
    const { view } = batch.log;
    const low = view.getInt32(at + 4);
    return !isAbove(view.getInt32(at), low, this.#committedHigh, this.#committedLow);
  }

  /** What a server has prepared itself leads to nothing else; another's may have been mistaken. */
  #onDifferent(a: Application): void {
    assert(this.keeper !== null, 'a transaction leads to the tree it was prepared for');
    if (!a.tolerant) this.keeper.onDifferent();
  }

  #tellQuiet(): void {
    const due = this.#quiet.filter(({ at }) => at <= this.#applied);
    this.#quiet = this.#quiet.filter(({ at }) => at > this.#applied);
    this.#quietAt = Math.min(...this.#quiet.map(({ at }) => at));
    for (const { connection } of due) this.#listener.onQuiet(connection);
  }

  // A member's change of role.

  /** The tree may hold some of what the records do that come now, until `endTolerance`. */
  beginTolerance(): void {
    this.#isTolerant = true;
    this.#tolerantHigh = Number.POSITIVE_INFINITY;
  }

  /** From the records behind the last one on, the tree is exactly what it should be. */
  endTolerance(): void {
    this.#tolerantHigh = this.lastHigh;
    this.#tolerantLow = this.lastLow;
  }

  /** The database is another from now on. */
  adopt(): void {
    const { tree, sessions, quotas, watches } = this.#state;
    this.#application = new Application(tree, sessions, quotas, watches);
  }

  /** Nothing that was logged is to be applied; what comes next follows this zxid. */
  startOver(zxidHigh: number, zxidLow: number): void {
    this.#assertSettled();
    for (const batch of this.#closed) batch.keptCount = batch.appliedCount;
    this.#unapplied = 0;
    this.#quiet = [];
    this.#endAt(zxidHigh, zxidLow);
  }

  /**
   * Drops what is above this zxid and not applied; false where the records that are left do not
   * reach as far as that.
   */
  cutAbove(zxidHigh: number, zxidLow: number): boolean {
    let { appliedHigh: lastHigh, appliedLow: lastLow } = this.#state;
    this.#unapplied = 0;
    this.#assertSettled();
    for (const batch of this.#closed) {
      const { view } = batch.log;
      let at = batch.appliedBytes + RECORD_HEAD_BYTES;
      const end = Math.min(batch.count, batch.keptCount);
      batch.keptCount = batch.appliedCount;
      while (batch.keptCount < end) {
        const high = view.getInt32(at + TxnField.Zxid);
        const low = view.getInt32(at + TxnField.Zxid + 4);
        if (isAbove(high, low, zxidHigh, zxidLow)) break;
        lastHigh = high;
        lastLow = low;
        batch.keptCount += 1;
        this.#unapplied += 1;
        at += view.getInt32(at - 4) + 1 + RECORD_HEAD_BYTES;
      }
    }
    this.#endAt(zxidHigh, zxidLow);
    return lastHigh === zxidHigh && lastLow === zxidLow;
  }

  /** Who has just found a leader has nothing on its way: it voted by what its disk has. */
  #assertSettled(): void {
    const isSettled = this.#inFlight === null && this.gathering.count === 0;
    assert(isSettled, 'what is cut off or replaced was all on the disk');
  }

  #endAt(zxidHigh: number, zxidLow: number): void {
    this.lastHigh = zxidHigh;
    this.lastLow = zxidLow;
    this.#durableHigh = zxidHigh;
    this.#durableLow = zxidLow;
    this.believe(zxidHigh, zxidLow);
    if (!isAbove(this.#committedHigh, this.#committedLow, zxidHigh, zxidLow)) return;
    this.#committedHigh = zxidHigh;
    this.#committedLow = zxidLow;
  }

  #mayBeHalfThere(high: number, low: number): boolean {
    this.#isTolerant = !isAbove(high, low, this.#tolerantHigh, this.#tolerantLow);
    return this.#isTolerant;
  }
}

/** Epochs are signed, counters are not. */
function isAbove(high: number, low: number, thanHigh: number, thanLow: number): boolean {
  return high > thanHigh || (high === thanHigh && low >>> 0 > thanLow >>> 0);
}
