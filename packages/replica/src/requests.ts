/**
 * Requests of a connection that has its session: told apart, routed, and answered in the order in
 * which they came. Writes are prepared at once; a read behind a write of its own session waits for
 * it, so that everybody sees what they did themselves.
 */
import { eventfulReads, type Read, Reading, reads, type Prepare, writes } from '@zabra/tree';
import { ErrorCode, JuteReader, JuteWriter, Opcode, Xid } from '@zabra/wire';
import type { Authentication } from './authentication.ts';
import type { Connection } from './connection.ts';
import type { Pipeline } from './pipeline.ts';
import { REPLY_HEAD_BYTES, type ServerState, UNSENT_BYTES_MAX } from './state.ts';
import { Waiting } from './wait-queue.ts';

const HEADER_BYTES = 8;
/** Opcodes below this are looked up in an array. */
const OPCODE_END = 128;
/** What waiting reads may produce ahead of a write's answer before the connection is given up. */
const OWED_BYTES_DEADLY = 32 * 1024 * 1024;

export class Requests {
  readonly #state: ServerState;
  readonly #pipeline: Pipeline;
  readonly #authentication: Authentication;
  readonly #reading: Reading;
  readonly #reads: (Read | undefined)[] = [];
  readonly #writes: (Prepare | undefined)[] = [];
  readonly #scratch = new JuteWriter();
  readonly #reader = new JuteReader();

  constructor(state: ServerState, pipeline: Pipeline, authentication: Authentication) {
    this.#state = state;
    this.#pipeline = pipeline;
    this.#authentication = authentication;
    this.#reading = new Reading(state.tree, state.watches, state, state.settings.tree);
    for (let opcode = 0; opcode < OPCODE_END; opcode += 1) {
      this.#reads.push(reads.get(opcode));
      this.#writes.push(writes.get(opcode));
    }
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
      this.#refuse(connection, xid, 0, 0, ErrorCode.SessionClosedRequireAuth);
      return;
    }
    if (opcode === Opcode.CloseSession) {
      connection.state = 'ending';
      this.#write(connection, xid, opcode, writes.get(opcode)!, bytes, view, start, end);
      return;
    }
    const known = opcode >= 0 && opcode < OPCODE_END;
    const read = known ? this.#reads[opcode] : undefined;
    if (read !== undefined) {
      if (connection.queue.isEmpty) this.#read(connection, read, xid, opcode, bytes, view, start, end);
      else connection.queue.pushRead(bytes, view, start, end);
      return;
    }
    const prepare = known ? this.#writes[opcode] : undefined;
    if (prepare !== undefined) {
      this.#write(connection, xid, opcode, prepare, bytes, view, start, end);
    } else if (opcode === Opcode.Auth) {
      this.#authenticate(connection, xid, bytes, view, start, end);
    } else if (opcode === Opcode.Sasl) {
      this.#answerSasl(connection, xid, bytes, view, start, end);
    } else {
      this.#refuse(connection, xid, -1, -1, ErrorCode.Unimplemented);
    }
  }

  /** Answers what waited, up to the next write that is under way or until too much is unsent. */
  drain(connection: Connection): void {
    this.#drain(connection, UNSENT_BYTES_MAX);
    if (connection.queue.isEmpty && connection.state === 'ending') {
      this.#state.close(connection, null);
    }
  }

  /** Answers everything ahead of a write that was applied, whose answer is next. */
  drainToWrite(connection: Connection): void {
    if (!this.isStalled(connection)) return;
    this.#drain(connection, OWED_BYTES_DEADLY);
    if (connection.queue.isEmpty || this.isStalled(connection)) {
      this.#state.close(connection, 'it asked for more at once than a connection may');
    }
  }

  /** Whether something waits that no write holds up. */
  isStalled(connection: Connection): boolean {
    return !connection.queue.isEmpty && connection.queue.kind !== Waiting.Write;
  }

  #drain(connection: Connection, owedBytesMax: number): void {
    const { queue } = connection;
    while (!queue.isEmpty && queue.kind !== Waiting.Write && connection.state !== 'gone') {
      if (this.#state.owes(connection) > owedBytesMax) return;
      const { bytes, view, start, end } = queue;
      if (queue.kind === Waiting.Answer) {
        const zxidHigh = view.getInt32(start + 4);
        const zxidLow = view.getInt32(start + 8);
        this.#state.answer(connection, view.getInt32(start), zxidHigh, zxidLow, view.getInt32(start + 12));
      } else {
        const xid = view.getInt32(start);
        const opcode = view.getInt32(start + 4);
        const read = this.#reads[opcode]!;
        this.#read(connection, read, xid, opcode, bytes, view, start, end);
      }
      queue.pop();
    }
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
    r.identities = connection.identities;
    r.watcher = connection;
    r.session = connection.session;
    state.readsInTurn += 1;
    if (eventfulReads.has(opcode)) {
      r.out = this.#scratch;
      r.out.position = 0;
      const error = read(r, opcode);
      state.answer(connection, xid, state.appliedHigh, state.appliedLow, error);
      return;
    }
    const out = state.outputOf(connection);
    const replyStart = out.position;
    out.reserve(REPLY_HEAD_BYTES);
    out.position += REPLY_HEAD_BYTES;
    r.out = out;
    const error = read(r, opcode);
    if (error !== ErrorCode.Ok) out.position = replyStart + REPLY_HEAD_BYTES;
    const replyXid = opcode === Opcode.Ping ? Xid.Ping : xid;
    const { appliedHigh, appliedLow } = state;
    state.finishReply(connection, out, replyStart, replyXid, appliedHigh, appliedLow, error);
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
    const accepted = this.#pipeline.propose(
      connection,
      connection.session!,
      connection.identities,
      xid,
      opcode,
      prepare,
      bytes,
      view,
      start + HEADER_BYTES,
      end,
    );
    if (accepted) return;
    const { appliedHigh, appliedLow } = this.#state;
    this.#answerInOrder(connection, xid, appliedHigh, appliedLow, ErrorCode.MarshallingError);
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
      const { appliedHigh, appliedLow } = this.#state;
      this.#answerInOrder(connection, xid, appliedHigh, appliedLow, ErrorCode.MarshallingError);
    } else if (this.#authentication.prove(connection, scheme, auth)) {
      this.#answerInOrder(connection, xid, 0, 0, ErrorCode.Ok);
    } else {
      this.#state.figures.authFailures += 1;
      this.#refuse(connection, xid, 0, 0, ErrorCode.AuthFailed);
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
    const out = this.#state.outputOf(connection);
    const replyStart = out.position;
    out.reserve(REPLY_HEAD_BYTES + 4);
    out.position += REPLY_HEAD_BYTES;
    out.int(-1);
    this.#state.finishReply(connection, out, replyStart, xid, 0, 0, ErrorCode.Ok);
  }

  #answerInOrder(
    connection: Connection,
    xid: number,
    zxidHigh: number,
    zxidLow: number,
    error: number,
  ): void {
    if (connection.queue.isEmpty) this.#state.answer(connection, xid, zxidHigh, zxidLow, error);
    else connection.queue.pushAnswer(xid, zxidHigh, zxidLow, error);
  }

  /** Answers, in order, and closes behind the answer; the session lives on. */
  #refuse(
    connection: Connection,
    xid: number,
    zxidHigh: number,
    zxidLow: number,
    error: number,
  ): void {
    connection.state = 'ending';
    this.#answerInOrder(connection, xid, zxidHigh, zxidLow, error);
    if (connection.queue.isEmpty) this.#state.close(connection, null);
  }
}
