/**
 * Writes on a server that decides about them: prepared at once on the tree as it will be, given the
 * next zxid, and written as records behind those that are gathered. On a leader each goes to the
 * learners from there; on a standalone server nobody else hears of it.
 */
import {
  DIGEST_VERSION,
  type Identities,
  MALFORMED,
  type Members,
  Pending,
  Preparation,
  type Prepare,
  type SessionView,
  TXN_HEADER_BYTES,
  TxnField,
} from '@zabra/tree';
import { type Ensemble, ErrorCode, Opcode } from '@zabra/wire';
import { RECORD_HEAD_BYTES } from './batch.ts';
import type { Connection } from './connection.ts';
import type { Pipeline } from './pipeline.ts';
import type { ServerState } from './state.ts';

/** Takes records to those who must agree. */
export interface Broadcast {
  propose(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    byteCount: number,
    ensemble: Ensemble | null,
  ): void;
}

export class Proposals {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #broadcast: Broadcast | null;
  readonly #pending: Pending;
  readonly #preparation: Preparation;
  #nextHigh: number;
  #nextLow: number;

  /** The first zxid is the one behind this. */
  constructor(
    state: ServerState,
    pipeline: Pipeline,
    broadcast: Broadcast | null,
    members: Members | null,
    zxidHigh: number,
    zxidLow: number,
  ) {
    const { tree, quotas, settings } = state;
    this.#state = state;
    this.#pipeline = pipeline;
    this.#broadcast = broadcast;
    this.#pending = new Pending(tree);
    const { log } = pipeline.gathering;
    this.#preparation = new Preparation(tree, this.#pending, quotas, settings.tree, log);
    this.#preparation.members = members;
    this.#nextHigh = zxidHigh;
    this.#nextLow = zxidLow;
    pipeline.pending = this.#pending;
  }

  /** How many there have been since the epoch began. */
  get counter(): number {
    return this.#nextLow >>> 0;
  }

  /**
   * Prepares a write whose body lies in bytes[start, end) and gathers its record. False where the
   * body cannot be decoded: then there is no transaction and no zxid.
   */
  propose(
    author: Connection | null,
    session: SessionView,
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
    const batch = this.#pipeline.gathering;
    const out = batch.log;
    const recordStart = out.position;
    // Room for the record as a rule, so that paths located in it stay where they are.
    out.reserve(RECORD_HEAD_BYTES + TXN_HEADER_BYTES + end - start + 256);
    const bodyAt = recordStart + RECORD_HEAD_BYTES + TXN_HEADER_BYTES;
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
    p.ensemble = null;
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
    this.#finish(author, recordStart, session.high, session.low, xid);
    const { nowMs, largeRequests } = this.#state;
    if (end - start > largeRequests.threshold) {
      largeRequests.enter(end - start);
      batch.largeBytes += end - start;
    }
    if (author !== null) {
      author.queue.pushWrite(xid, opcode, Math.min(nowMs, author.waitingSinceMs), 0);
    }
    return true;
  }

  /** A write that was refused before it came to be prepared keeps its place like any other. */
  refuse(
    author: Connection | null,
    sessionHigh: number,
    sessionLow: number,
    xid: number,
    opcode: number,
    error: number,
  ): void {
    const { wallMs, nowMs } = this.#state;
    const p = this.#preparation;
    const out = this.#pipeline.gathering.log;
    const recordStart = out.position;
    out.reserve(RECORD_HEAD_BYTES + TXN_HEADER_BYTES + 8);
    out.position += RECORD_HEAD_BYTES + TXN_HEADER_BYTES;
    out.int(error);
    p.type = Opcode.Error;
    p.ensemble = null;
    p.zxidLow = (this.#nextLow + 1) | 0;
    p.zxidHigh = p.zxidLow === 0 ? (this.#nextHigh + 1) | 0 : this.#nextHigh;
    p.timeHigh = Math.floor(wallMs / 2 ** 32) | 0;
    p.timeLow = wallMs | 0;
    this.#finish(author, recordStart, sessionHigh, sessionLow, xid);
    author?.queue.pushWrite(xid, opcode, Math.min(nowMs, author.waitingSinceMs), 0);
  }

  /** Nothing of what is not applied will be: the future is given up. */
  abandon(): void {
    this.#pending.release(0x7fffffff, -1);
    this.#pipeline.pending = null;
  }

  /** Completes the record whose body was just written, and lets it go. */
  #finish(
    author: Connection | null,
    recordStart: number,
    sessionHigh: number,
    sessionLow: number,
    xid: number,
  ): void {
    const { zxidHigh, zxidLow, timeHigh, timeLow, type, ensemble } = this.#preparation;
    const batch = this.#pipeline.gathering;
    const out = batch.log;
    const header = out.view;
    const headerAt = recordStart + RECORD_HEAD_BYTES;
    header.setInt32(headerAt + TxnField.Session, sessionHigh);
    header.setInt32(headerAt + TxnField.Session + 4, sessionLow);
    header.setInt32(headerAt + TxnField.Cxid, xid);
    header.setInt32(headerAt + TxnField.Zxid, zxidHigh);
    header.setInt32(headerAt + TxnField.Zxid + 4, zxidLow);
    header.setInt32(headerAt + TxnField.Time, timeHigh);
    header.setInt32(headerAt + TxnField.Time + 4, timeLow);
    header.setInt32(headerAt + TxnField.Type, type);
    const payloadEnd = out.position;
    batch.seal(recordStart);
    this.#nextHigh = zxidHigh;
    this.#nextLow = zxidLow;
    this.#pipeline.added(author, zxidHigh, zxidLow);
    if (this.#broadcast === null) return;
    this.#state.figures.onProposal(payloadEnd - headerAt);
    this.#broadcast.propose(out.bytes, out.view, headerAt, payloadEnd - headerAt, ensemble);
  }

  /** A bare digest behind an absent body would be read as the body. */
  #carriesDigest(type: number, hasBody: boolean): boolean {
    return this.#state.settings.tree.digestEnabled && (type !== Opcode.CloseSession || hasBody);
  }
}
