/**
 * The way of a write on a standalone server: prepared at once on the tree as it will be, gathered
 * into a batch of log records, applied when the disk says that the batch is safe, answered then.
 *
 * One batch is on its way to the disk while the next gathers. Applying is sliced over turns.
 */
import {
  Application,
  applyTransaction,
  DIGEST_VERSION,
  DigestCheck,
  type Identities,
  MALFORMED,
  Pending,
  Preparation,
  type Prepare,
  type Session,
  TXN_HEADER_BYTES,
  TxnField,
} from '@zabra/tree';
import { assert, ErrorCode, Opcode } from '@zabra/wire';
import { Batch, RECORD_HEAD_BYTES } from './batch.ts';
import { Company } from './company.ts';
import type { Connection } from './connection.ts';
import type { ServerState } from './state.ts';

/** Transactions applied in one turn at most; the rest waits for the next. */
const APPLIES_PER_TURN = 1000;
/** Events told in one turn, and their bytes, after which no further transaction is applied. */
const EVENTS_PER_TURN = 20_000;
const EVENT_BYTES_PER_TURN = 1024 * 1024;
/** Batches that are safe and not yet applied; with as many, nothing more goes to the disk. */
const COMMITTED_MAX = 2;

/** Who hears that a transaction was applied. */
export interface CommitListener {
  onApplied(author: Connection | null, type: number, a: Application): void;
  /** Nothing is under way any more of what this connection waited for. */
  onQuiet(connection: Connection): void;
}

interface Quiet {
  readonly connection: Connection;
  /** Writes to be applied until then, counted from the start. */
  readonly at: number;
}

export class Pipeline {
  readonly #state: ServerState;
  readonly #listener: CommitListener;
  readonly #pending: Pending;
  readonly #preparation: Preparation;
  readonly #application: Application;
  #gathering = new Batch();
  #inFlight: Batch | null = null;
  readonly #committed: Batch[] = [];
  readonly #spare: Batch[] = [];
  readonly #company = new Company();
  #nextHigh: number;
  #nextLow: number;
  #uncommitted = 0;
  /** Writes applied since the start. */
  #applied = 0;
  /** Connections that wait for writes of others, and when the first of them may go on. */
  #quiet: Quiet[] = [];
  #quietAt = 0;
  #sentAtMs = 0;
  /** Appends wait for the first snapshot of a new database: a log alone would not be trusted. */
  isHeld = false;
  /** Transactions and bytes since the log was rolled. */
  loggedCount = 0;
  loggedBytes = 0;

  constructor(state: ServerState, listener: CommitListener) {
    this.#state = state;
    this.#listener = listener;
    this.#pending = new Pending(state.tree);
    this.#preparation = new Preparation(
      state.tree,
      this.#pending,
      state.quotas,
      state.settings.tree,
      this.#gathering.log,
    );
    this.#application = new Application(state.tree, state.sessions, state.quotas, state.watches);
    this.#nextHigh = state.appliedHigh;
    this.#nextLow = state.appliedLow;
  }

  /** Writes prepared and not yet applied. */
  get outstanding(): number {
    return this.#uncommitted;
  }

  /** Bytes gathered for the disk. */
  get gatheredBytes(): number {
    return this.#gathering.log.position;
  }

  get hasWork(): boolean {
    return this.#committed.length > 0;
  }

  /** When gathered writes leave that wait for company now. */
  nextDueMs(): number {
    const { count } = this.#gathering;
    if (this.#inFlight !== null || count === 0) return Number.POSITIVE_INFINITY;
    const dueMs = this.#company.dueMs(count);
    return dueMs > this.#state.nowMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  get isIdle(): boolean {
    return this.#uncommitted === 0;
  }

  /**
   * Prepares a write whose body lies in bytes[start, end) and gathers its record. False where the
   * body cannot be decoded: then there is no transaction and no zxid.
   */
  propose(
    author: Connection | null,
    session: Session,
    identities: Identities,
    xid: number,
    opcode: number,
    prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const p = this.#preparation;
    const batch = this.#gathering;
    const out = batch.log;
    const recordStart = out.position;
    // Room for the record as a rule, so that paths located in it stay where they are.
    out.reserve(RECORD_HEAD_BYTES + TXN_HEADER_BYTES + end - start + 256);
    const headerAt = recordStart + RECORD_HEAD_BYTES;
    const bodyAt = headerAt + TXN_HEADER_BYTES;
    out.position = bodyAt;
    const zxidLow = (this.#nextLow + 1) | 0;
    const zxidHigh = zxidLow === 0 ? (this.#nextHigh + 1) | 0 : this.#nextHigh;
    const { wallMs } = this.#state;
    p.out = out;
    p.session = session;
    p.identities = identities;
    p.zxidHigh = zxidHigh;
    p.zxidLow = zxidLow;
    p.timeHigh = Math.floor(wallMs / 2 ** 32) | 0;
    p.timeLow = wallMs | 0;
    p.reader.reset(bytes, view, start, end);
    const error = prepare(p, opcode);
    // A multi that cannot be decoded takes a zxid all the same, as it always did.
    if (error === MALFORMED && opcode !== Opcode.Multi) {
      out.position = recordStart;
      return false;
    }
    if (error !== ErrorCode.Ok) {
      out.position = bodyAt;
      out.int(error);
      p.type = Opcode.Error;
    } else if (this.#carriesDigest(p.type, out.position > bodyAt)) {
      out.int(DIGEST_VERSION);
      out.long2(this.#pending.digest.high, this.#pending.digest.low);
    }
    const header = out.view;
    header.setInt32(headerAt + TxnField.Session, session.high);
    header.setInt32(headerAt + TxnField.Session + 4, session.low);
    header.setInt32(headerAt + TxnField.Cxid, xid);
    header.setInt32(headerAt + TxnField.Zxid, zxidHigh);
    header.setInt32(headerAt + TxnField.Zxid + 4, zxidLow);
    header.setInt32(headerAt + TxnField.Time, p.timeHigh);
    header.setInt32(headerAt + TxnField.Time + 4, p.timeLow);
    header.setInt32(headerAt + TxnField.Type, p.type);
    batch.seal(recordStart);
    batch.authors.push(author);
    this.#nextHigh = zxidHigh;
    this.#nextLow = zxidLow;
    this.#uncommitted += 1;
    const { nowMs, largeRequests } = this.#state;
    if (end - start > largeRequests.threshold) {
      largeRequests.enter(end - start);
      batch.largeBytes += end - start;
    }
    if (author !== null) {
      author.queue.pushWrite(xid, opcode, Math.min(nowMs, author.waitingSinceMs));
    }
    return true;
  }

  /**
   * Whether nothing is under way of a session that comes back on another connection. If something
   * is, the listener hears when it has been applied.
   */
  isQuiet(session: Session, connection: Connection): boolean {
    const batches = [...this.#committed, this.#inFlight, this.#gathering];
    let at = this.#applied + this.#uncommitted;
    for (const batch of batches.reverse()) {
      if (batch === null) continue;
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

  /** Sends what was gathered to the disk, unless something is on its way. */
  flush(): void {
    const batch = this.#gathering;
    if (this.#inFlight !== null || batch.count === 0 || this.isHeld) return;
    if (this.#committed.length >= COMMITTED_MAX) return;
    if (this.#company.dueMs(batch.count) > this.#state.nowMs) return;
    const { view } = batch.log;
    const zxidAt = RECORD_HEAD_BYTES + TxnField.Zxid;
    batch.firstZxid = view.getBigInt64(zxidAt);
    batch.lastZxid = (BigInt(this.#nextHigh) << 32n) | BigInt(this.#nextLow >>> 0);
    batch.ticket = this.#state.nextTicket();
    this.#inFlight = batch;
    this.#gathering = this.#spare.pop() ?? new Batch();
    this.loggedCount += batch.count;
    this.loggedBytes += batch.log.position;
    this.#sentAtMs = this.#state.nowMs;
    this.#state.figures.syncBatch.add(batch.count);
    this.#state.disk.push({
      kind: 'append',
      ticket: batch.ticket,
      bytes: batch.log.bytes.subarray(0, batch.log.position),
      firstZxid: batch.firstZxid,
      lastZxid: batch.lastZxid,
    });
  }

  /** The disk has done what this ticket asked for; false where the ticket is another's. */
  onDurable(ticket: number): boolean {
    const batch = this.#inFlight;
    if (batch === null || batch.ticket !== ticket) return false;
    this.#inFlight = null;
    this.#committed.push(batch);
    const { nowMs, figures } = this.#state;
    const elapsedMs = nowMs - this.#sentAtMs;
    figures.syncTime.add(elapsedMs);
    this.#company.onSynced(batch.count, elapsedMs, this.#gathering.count, nowMs);
    return true;
  }

  /** Applies what is durable, in order, as far as one turn allows. */
  applyCommitted(): void {
    let budget = APPLIES_PER_TURN;
    this.#state.eventsInTurn = 0;
    this.#state.eventBytesInTurn = 0;
    while (budget > 0) {
      const batch = this.#committed[0];
      if (batch === undefined) return;
      budget -= this.#applySome(batch, budget);
      if (batch.appliedCount < batch.count) return;
      this.#committed.shift();
      this.#state.largeRequests.leave(batch.largeBytes);
      batch.reset();
      if (this.#spare.length < 2) this.#spare.push(batch);
    }
  }

  #applySome(batch: Batch, budget: number): number {
    const state = this.#state;
    const a = this.#application;
    const { bytes, view } = batch.log;
    const start = batch.appliedCount;
    const end = Math.min(batch.count, start + budget);
    for (let i = start; i < end; i += 1) {
      if (state.eventsInTurn >= EVENTS_PER_TURN) break;
      if (state.eventBytesInTurn >= EVENT_BYTES_PER_TURN) break;
      const payloadStart = batch.appliedBytes + RECORD_HEAD_BYTES;
      const payloadEnd = payloadStart + view.getInt32(payloadStart - 4);
      state.eventZxidHigh = view.getInt32(payloadStart + TxnField.Zxid);
      state.eventZxidLow = view.getInt32(payloadStart + TxnField.Zxid + 4);
      const check = applyTransaction(a, bytes, view, payloadStart, payloadEnd);
      assert(
        check !== DigestCheck.Different,
        'a transaction leads to the tree it was prepared for',
      );
      state.onApplied(a.zxidHigh, a.zxidLow);
      this.#pending.release(a.zxidHigh, a.zxidLow);
      batch.appliedBytes = payloadEnd + 1;
      batch.appliedCount = i + 1;
      this.#uncommitted -= 1;
      this.#applied += 1;
      const author = batch.authors[i]!;
      this.#listener.onApplied(author, view.getInt32(payloadStart + TxnField.Type), a);
      if (this.#applied === this.#quietAt) this.#tellQuiet();
    }
    state.eventZxidHigh = -1;
    state.eventZxidLow = -1;
    return batch.appliedCount - start;
  }

  #tellQuiet(): void {
    const due = this.#quiet.filter(({ at }) => at <= this.#applied);
    this.#quiet = this.#quiet.filter(({ at }) => at > this.#applied);
    this.#quietAt = Math.min(...this.#quiet.map(({ at }) => at));
    for (const { connection } of due) this.#listener.onQuiet(connection);
  }

  /** A bare digest behind an absent body would be read as the body. */
  #carriesDigest(type: number, hasBody: boolean): boolean {
    return this.#state.settings.tree.digestEnabled && (type !== Opcode.CloseSession || hasBody);
  }
}
