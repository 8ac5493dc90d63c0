/**
 * Requests of a connection that has its session: told apart, routed, and answered in the order in
 * which they came. Writes are prepared at once; a read behind a write of its own session waits for
 * it, so that everybody sees what they did themselves.
 */
import {
  EphemeralWish,
  eventfulReads,
  Identities,
  internalWrites,
  type Prepare,
  type Read,
  Reading,
  reads,
  type Session,
  writes,
} from '@zabra/tree';
import { ErrorCode, JuteReader, JuteWriter, Opcode, Xid } from '@zabra/wire';
import type { Authentication } from './authentication.ts';
import type { Connection } from './connection.ts';
import { LITTLE_BYTES } from './owed.ts';
import { REPLY_HEAD_BYTES, type ServerState } from './state.ts';
import { Waiting } from './wait-queue.ts';
import { keepWatchBudget } from './watch-budget.ts';

const HEADER_BYTES = 8;
const NOBODY = new Identities([]);
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);
/** Opcodes below this are looked up in an array. */
const OPCODE_END = 128;
/** Which zxid a reply without a body carries. */
const Stamp = { None: 0, Unknown: -1, Applied: 1 } as const;
type Stamp = (typeof Stamp)[keyof typeof Stamp];

export class Requests {
  readonly #state: ServerState;
  readonly #authentication: Authentication;
  #reading: Reading;
  readonly #reads: (Read | undefined)[] = [];
  readonly #writes: (Prepare | undefined)[] = [];
  readonly #scratch = new JuteWriter();
  readonly #reader = new JuteReader();
  readonly #waitMsMax: number;
  #wish: EphemeralWish;

  constructor(state: ServerState, authentication: Authentication) {
    this.#state = state;
    this.#authentication = authentication;
    this.#waitMsMax = state.settings.throttledOperationWaitMs;
    this.#reading = new Reading(state.tree, state.watches, state, state.settings.tree);
    this.#wish = new EphemeralWish(state.tree, state.quotas, state.settings.tree);
    for (let opcode = 0; opcode < OPCODE_END; opcode += 1) {
      this.#reads.push(reads.get(opcode));
      this.#writes.push(writes.get(opcode));
    }
  }

  /** The database is another from now on. */
  adopt(): void {
    const state = this.#state;
    this.#reading = new Reading(state.tree, state.watches, state, state.settings.tree);
    this.#wish = new EphemeralWish(state.tree, state.quotas, state.settings.tree);
  }

  /** One frame's content, in bytes[start, end). */
  handle(
    connection: Connection,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    if (end - start < HEADER_BYTES) {
      this.#state.close(connection, 'a frame is too short for a request header');
      return;
    }
    const session = connection.session!;
    const xid = view.getInt32(start);
    const opcode = view.getInt32(start + 4);
    connection.received += 1;
    connection.lastOpcode = opcode;
    connection.lastXid = xid;
    this.#state.figures.packetsReceived += 1;
    if (session.closing) {
      this.#state.close(connection, null);
      return;
    }
    if (!this.#authentication.admits(connection, opcode)) {
      this.#refuse(connection, xid, Stamp.None, ErrorCode.SessionClosedRequireAuth);
      return;
    }
    if (opcode === Opcode.CloseSession) {
      connection.state = 'ending';
      connection.hasParted = true;
      if (session.isLocal) {
        this.#closeLocal(connection, xid);
        return;
      }
      this.#write(connection, xid, opcode, writes.get(opcode)!, bytes, view, start, end);
      return;
    }
    const known = opcode >= 0 && opcode < OPCODE_END;
    const read = known ? this.#reads[opcode] : undefined;
    const prepare = known ? this.#writes[opcode] : undefined;
    const isKnown = read !== undefined || prepare !== undefined;
    if (isKnown && this.#isLate(opcode, connection.waitingSinceMs)) {
      this.#state.figures.throttledOperations += 1;
      this.#answerInOrder(connection, xid, Stamp.Applied, ErrorCode.ThrottledOp);
    } else if (this.#state.part.onlyReads && (prepare !== undefined || opcode === Opcode.Sync)) {
      this.#answerInOrder(connection, xid, Stamp.Applied, ErrorCode.NotReadOnly);
    } else if (read !== undefined) {
      if (opcode === Opcode.Sync && this.#state.part.asksToSync) {
        this.#askToSync(connection, xid, bytes, view, start, end);
      } else if (
        connection.queue.isEmpty &&
        !this.#mustPutOff(connection, bytes, view, start, end)
      ) {
        this.#read(connection, read, xid, opcode, bytes, view, start, end);
      } else {
        this.#letWait(connection, bytes, view, start, end);
      }
    } else if (prepare !== undefined) {
      this.#write(connection, xid, opcode, prepare, bytes, view, start, end);
    } else if (opcode === Opcode.Auth) {
      this.#authenticate(connection, xid, bytes, view, start, end);
    } else if (opcode === Opcode.Sasl) {
      this.#answerSasl(connection, xid, bytes, view, start, end);
    } else {
      this.#refuse(connection, xid, Stamp.Unknown, ErrorCode.Unimplemented);
    }
  }

  /** Answers what waited, up to the next write that is under way or until too much is unsent. */
  drain(connection: Connection): void {
    this.#drain(connection, false);
    if (connection.queue.isEmpty && connection.state === 'ending') {
      this.#state.close(connection, null);
    }
  }

  /** Answers everything ahead of a write that was applied, whose answer is next. */
  drainToWrite(connection: Connection): void {
    const { queue } = connection;
    while (!queue.isEmpty && queue.kind !== Waiting.Write) {
      // The write was asked for after the sync and has been agreed on: so has all before it.
      if (queue.kind === Waiting.Sync) this.#state.part.releaseSync(connection);
      this.#drain(connection, true);
      if (queue.isEmpty || this.isStalled(connection) || queue.kind === Waiting.Greeting) {
        this.#state.close(connection, 'it asked for more at once than a connection may');
        return;
      }
    }
  }

  /** Whether something waits that no write holds up. */
  isStalled(connection: Connection): boolean {
    return !connection.queue.isEmpty && !connection.queue.isHeldUp;
  }

  #drain(connection: Connection, isUrgent: boolean): void {
    const { queue } = connection;
    const { owed } = this.#state;
    while (!queue.isEmpty && !queue.isHeldUp && connection.state !== 'gone') {
      const hasRoom = isUrgent ? owed.hasUrgentRoomFor(connection) : owed.hasRoomFor(connection);
      if (!hasRoom) return;
      const { kind, bytes, view, start, end } = queue;
      const xid = view.getInt32(start);
      if (
        kind === Waiting.Read &&
        !isUrgent &&
        this.#mustPutOff(connection, bytes, view, start, end)
      ) {
        return;
      }
      if (kind === Waiting.Read) {
        this.#readWaiting(connection, xid, view.getInt32(start + 4));
      } else if (kind === Waiting.NullToken) {
        this.#answerNullToken(connection, xid);
      } else if (kind === Waiting.Proof) {
        connection.identitiesThen = connection.identitiesLater.shift()!;
        this.#answer(connection, xid, Stamp.None, ErrorCode.Ok);
      } else {
        this.#answer(connection, xid, view.getInt32(start + 4) as Stamp, view.getInt32(start + 8));
      }
      queue.pop();
    }
  }

  /** The leader's answer lets it be done like a read. */
  #askToSync(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const { part, nowMs } = this.#state;
    const arrivedMs = Math.min(nowMs, connection.waitingSinceMs);
    connection.queue.pushSync(bytes, view, start, end, arrivedMs);
    part.sync(connection, xid, bytes, view, start + HEADER_BYTES, end);
  }

  #letWait(
    connection: Connection,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const { largeRequests, nowMs } = this.#state;
    const arrivedMs = Math.min(nowMs, connection.waitingSinceMs);
    connection.queue.pushRead(bytes, view, start, end, arrivedMs);
    if (end - start <= largeRequests.threshold) return;
    largeRequests.enter(end - start);
    connection.largeBytes += end - start;
  }

  /** Whether the answer to a read is too large for now. Only where much is owed is that tried. */
  #mustPutOff(
    connection: Connection,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const { owed, buffers } = this.#state;
    const opcode = view.getInt32(start + 4);
    if (!owed.isMuch || eventfulReads.has(opcode)) return false;
    const r = this.#reading;
    r.reader.reset(bytes, view, start + HEADER_BYTES, end);
    r.identities = connection.identitiesThen;
    // Nobody watches what is only tried.
    r.watcher = null;
    r.session = connection.session;
    r.out = new JuteWriter(LITTLE_BYTES, buffers);
    this.#reads[opcode]!(r, opcode);
    const byteCount = r.out.position;
    r.out.release();
    return byteCount > LITTLE_BYTES;
  }

  /** The read at the head of the queue. */
  #readWaiting(connection: Connection, xid: number, opcode: number): void {
    const { largeRequests, figures, nowMs } = this.#state;
    const { bytes, view, start, end, arrivedMs } = connection.queue;
    if (this.#isLate(opcode, arrivedMs)) {
      figures.throttledOperations += 1;
      this.#answer(connection, xid, Stamp.Applied, ErrorCode.ThrottledOp);
    } else {
      this.#read(connection, this.#reads[opcode]!, xid, opcode, bytes, view, start, end);
      this.#state.readsInTurn -= 1;
      figures.latency.add(nowMs - arrivedMs);
      figures.readLatency.add(nowMs - arrivedMs);
    }
    if (end - start <= largeRequests.threshold) return;
    largeRequests.leave(end - start);
    connection.largeBytes -= end - start;
  }

  /** Whether a request has waited longer than any may; a ping always may. */
  #isLate(opcode: number, arrivedMs: number): boolean {
    if (this.#waitMsMax === 0 || opcode === Opcode.Ping) return false;
    return this.#state.nowMs - arrivedMs > this.#waitMsMax;
  }

  #read(
    connection: Connection,
    read: Read,
    xid: number,
    opcode: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const state = this.#state;
    const r = this.#reading;
    r.reader.reset(bytes, view, start + HEADER_BYTES, end);
    r.identities = connection.identitiesThen;
    r.watcher = connection;
    r.session = connection.session;
    state.readsInTurn += 1;
    if (eventfulReads.has(opcode)) {
      r.out = this.#scratch;
      r.out.position = 0;
      const error = read(r, opcode);
      state.answer(connection, xid, state.appliedHigh, state.appliedLow, error);
    } else {
      this.#readInto(state.outputOf(connection), connection, read, xid, opcode);
    }
    keepWatchBudget(state);
  }

  /** Puts the answer where it leaves from, behind room for its head. */
  #readInto(
    out: JuteWriter,
    connection: Connection,
    read: Read,
    xid: number,
    opcode: number,
  ): void {
    const replyStart = out.position;
    out.reserve(REPLY_HEAD_BYTES);
    out.position += REPLY_HEAD_BYTES;
    this.#reading.out = out;
    const error = read(this.#reading, opcode);
    if (error !== ErrorCode.Ok) out.position = replyStart + REPLY_HEAD_BYTES;
    const replyXid = opcode === Opcode.Ping ? Xid.Ping : xid;
    const { appliedHigh, appliedLow } = this.#state;
    this.#state.finishReply(connection, out, replyStart, replyXid, appliedHigh, appliedLow, error);
  }

  #write(
    connection: Connection,
    xid: number,
    opcode: number,
    prepare: Prepare,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const session = connection.session!;
    if (
      session.isLocal &&
      this.#wish.isIn(opcode, prepare, bytes, view, start + HEADER_BYTES, end)
    ) {
      if (this.#state.settings.upgradesLocalSessions) this.#upgrade(session);
      else if (opcode !== Opcode.Multi) {
        const error = ErrorCode.EphemeralOnLocalSession;
        this.#answerInOrder(connection, xid, Stamp.Applied, error);
        return;
      }
    }
    const accepted = this.#state.part.write(
      connection,
      session,
      connection.identities,
      xid,
      opcode,
      prepare,
      bytes,
      view,
      start + HEADER_BYTES,
      end,
    );
    if (!accepted) this.#answerInOrder(connection, xid, Stamp.Applied, ErrorCode.MarshallingError);
  }

  /** It becomes the ensemble's ahead of the write that needs that, and in the same order. */
  #upgrade(session: Session): void {
    const { localSessions, sessions, part } = this.#state;
    localSessions.upgrade(session, sessions);
    const opcode = Opcode.CreateSession;
    const prepare = internalWrites.get(opcode)!;
    part.write(null, session, NOBODY, 0, opcode, prepare, NO_BYTES, NO_VIEW, 0, 0);
  }

  /** Nothing has to be agreed on for it; what it has asked for before is still answered. */
  #closeLocal(connection: Connection, xid: number): void {
    this.#state.localSessions.close(connection.session!);
    this.#answerInOrder(connection, xid, Stamp.Applied, ErrorCode.Ok);
    if (connection.queue.isEmpty) this.#state.close(connection, null);
  }

  /** The identity counts for every request behind this one; only the answer waits its turn. */
  #authenticate(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const reader = this.#reader.reset(bytes, view, start + HEADER_BYTES, end);
    reader.int();
    const scheme = reader.string();
    const auth = reader.buffer();
    if (reader.failed) {
      this.#answerInOrder(connection, xid, Stamp.Applied, ErrorCode.MarshallingError);
    } else if (this.#authentication.prove(connection, scheme, auth)) {
      this.#acceptProof(connection, xid);
    } else {
      this.#state.figures.authFailures += 1;
      this.#refuse(connection, xid, Stamp.None, ErrorCode.AuthFailed);
    }
  }

  #acceptProof(connection: Connection, xid: number): void {
    const { queue, identities, identitiesLater } = connection;
    if (queue.isEmpty) {
      connection.identitiesThen = identities;
      this.#answer(connection, xid, Stamp.None, ErrorCode.Ok);
    } else {
      identitiesLater.push(identities);
      queue.pushProof(xid);
    }
  }

  /** A server without SASL answers every token with null and goes on. */
  #answerSasl(
    connection: Connection,
    xid: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    const reader = this.#reader.reset(bytes, view, start + HEADER_BYTES, end);
    if (reader.span() < 0) {
      this.#state.close(connection, 'a SASL token is missing');
      return;
    }
    if (connection.queue.isEmpty) this.#answerNullToken(connection, xid);
    else connection.queue.pushNullToken(xid);
  }

  #answerNullToken(connection: Connection, xid: number): void {
    const out = this.#state.outputOf(connection);
    const replyStart = out.position;
    out.reserve(REPLY_HEAD_BYTES + 4);
    out.position += REPLY_HEAD_BYTES;
    out.int(-1);
    this.#state.finishReply(connection, out, replyStart, xid, 0, 0, ErrorCode.Ok);
  }

  #answerInOrder(connection: Connection, xid: number, stamp: Stamp, error: number): void {
    if (connection.queue.isEmpty) this.#answer(connection, xid, stamp, error);
    else connection.queue.pushAnswer(xid, stamp, error);
  }

  #answer(connection: Connection, xid: number, stamp: Stamp, error: number): void {
    const { appliedHigh, appliedLow } = this.#state;
    if (stamp === Stamp.Applied) {
      this.#state.answer(connection, xid, appliedHigh, appliedLow, error);
    } else {
      this.#state.answer(connection, xid, stamp, stamp, error);
    }
  }

  /** Answers, in order, and closes behind the answer; the session lives on. */
  #refuse(connection: Connection, xid: number, stamp: Stamp, error: number): void {
    connection.state = 'ending';
    this.#answerInOrder(connection, xid, stamp, error);
    if (connection.queue.isEmpty) this.#state.close(connection, null);
  }
}
