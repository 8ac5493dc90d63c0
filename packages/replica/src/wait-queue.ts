/**
 * A connection's requests that wait their turn: writes under way, and whatever came behind them and
 * must not overtake. Requests are kept as the bytes they came as; an entry costs no object.
 *
 * Entry: kind int, byte count int, arrival double, content.
 */
import { type BufferSource, JuteWriter } from '@zabra/wire';

/**
 * A write whose answer comes with its commit; a read to be done then; an answer already known, to a
 * SASL token or to a proof, from which on reads are done in another name. In an ensemble also a sync,
 * which becomes a read when the leader has answered it, and the greeting of a session that the leader
 * is asked about.
 */
export const Waiting = {
  Write: 1,
  Read: 2,
  Answer: 3,
  NullToken: 4,
  Proof: 5,
  Sync: 6,
  Greeting: 7,
} as const;
export type Waiting = (typeof Waiting)[keyof typeof Waiting];

/** In an entry that is a whole request, and in a write's. */
const XID = 0;
const OPCODE = 4;
/** In a write's. */
const FORWARDED = 8;

const HEAD_BYTES = 16;
const ARRIVAL = 8;
const KEPT_BYTES_MAX = 4 * 1024;

/** Buffers for the entries of queues that are empty now. */
const SPARE_MAX = 256;
const FIRST_BYTES = 256;

/** What all queues of a server share. */
export class Tally {
  /** Bytes that wait in all of them together. */
  bytes = 0;
  /** What all of them have asked of a leader that has not answered. */
  forwardedBytes = 0;
  readonly #buffers: BufferSource;
  readonly #spare: JuteWriter[] = [];

  constructor(buffers: BufferSource) {
    this.#buffers = buffers;
  }

  take(): JuteWriter {
    return this.#spare.pop() ?? new JuteWriter(FIRST_BYTES, this.#buffers);
  }

  giveBack(entries: JuteWriter): void {
    if (entries.bytes.length > KEPT_BYTES_MAX || this.#spare.length >= SPARE_MAX) {
      entries.release();
      return;
    }
    entries.position = 0;
    this.#spare.push(entries);
  }
}

export class WaitQueue {
  readonly #tally: Tally;
  #entries: JuteWriter | null = null;
  #head = 0;
  #count = 0;
  #forwardedBytes = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    return this.#entries === null ? 0 : this.#entries.position - this.#head;
  }

  /** Kind of the entry at the head; only while the queue is not empty. */
  get kind(): Waiting {
    return this.#entries!.view.getInt32(this.#head) as Waiting;
  }

  /** Whether what is at the head waits for something to happen elsewhere. */
  get isHeldUp(): boolean {
    const { kind } = this;
    return kind === Waiting.Write || kind >= Waiting.Sync;
  }

  /** When the entry at the head came. */
  get arrivedMs(): number {
    return this.#entries!.view.getFloat64(this.#head + ARRIVAL);
  }

  /** Where the head entry's content lies, in `bytes` and `view`. */
  get start(): number {
    return this.#head + HEAD_BYTES;
  }

  get end(): number {
    return this.start + this.#entries!.view.getInt32(this.#head + 4);
  }

  get bytes(): Uint8Array {
    return this.#entries!.bytes;
  }

  get view(): DataView {
    return this.#entries!.view;
  }

  /** The xid and opcode of a write, and what is on its way to a leader for it. */
  pushWrite(xid: number, opcode: number, arrivedMs: number, forwardedBytes: number): void {
    const entries = this.#begin(Waiting.Write, 12, arrivedMs);
    entries.int(xid);
    entries.int(opcode);
    entries.int(forwardedBytes);
    this.#forward(forwardedBytes);
  }

  /** A whole request. */
  pushRead(bytes: Uint8Array, view: DataView, start: number, end: number, arrivedMs: number): void {
    this.#begin(Waiting.Read, end - start, arrivedMs).raw(bytes, view, start, end - start);
  }

  /** A whole request for a sync. */
  pushSync(bytes: Uint8Array, view: DataView, start: number, end: number, arrivedMs: number): void {
    this.#begin(Waiting.Sync, end - start, arrivedMs).raw(bytes, view, start, end - start);
  }

  pushGreeting(arrivedMs: number): void {
    this.#begin(Waiting.Greeting, 0, arrivedMs);
  }

  /** The first sync may be answered now; false where there is none. */
  releaseSync(): boolean {
    const at = this.#first(Waiting.Sync);
    if (at < 0) return false;
    this.#entries!.view.setInt32(at, Waiting.Read);
    return true;
  }

  /** The opcode of the first write that waits, if it has this xid; otherwise 0. */
  opcodeOfNextWrite(xid: number): number {
    const at = this.#first(Waiting.Write);
    if (at < 0) return 0;
    const { view } = this.#entries!;
    return view.getInt32(at + HEAD_BYTES + XID) === xid
      ? view.getInt32(at + HEAD_BYTES + OPCODE)
      : 0;
  }

  /** `stamp` says which zxid the answer carries. */
  pushAnswer(xid: number, stamp: number, error: number): void {
    const entries = this.#begin(Waiting.Answer, 12, 0);
    entries.int(xid);
    entries.int(stamp);
    entries.int(error);
  }

  pushNullToken(xid: number): void {
    this.#begin(Waiting.NullToken, 4, 0).int(xid);
  }

  pushProof(xid: number): void {
    this.#begin(Waiting.Proof, 4, 0).int(xid);
  }

  pop(): void {
    const { end } = this;
    if (this.kind === Waiting.Write) this.#forward(-this.view.getInt32(this.start + FORWARDED));
    this.#tally.bytes -= end - this.#head;
    this.#head = end;
    this.#count -= 1;
    if (this.#count > 0) return;
    this.#head = 0;
    this.#tally.giveBack(this.#entries!);
    this.#entries = null;
  }

  /** Nobody waits for any of it any more. */
  clear(): void {
    this.#tally.bytes -= this.byteCount;
    this.#forward(-this.#forwardedBytes);
    if (this.#entries !== null) this.#tally.giveBack(this.#entries);
    this.#entries = null;
    this.#head = 0;
    this.#count = 0;
  }

  #forward(byteCount: number): void {
    this.#forwardedBytes += byteCount;
    this.#tally.forwardedBytes += byteCount;
  }

  /** Where the first entry of a kind begins, or -1. */
  #first(kind: Waiting): number {
    if (this.#entries === null) return -1;
    const { view, position } = this.#entries;
    let at = this.#head;
    while (at < position && view.getInt32(at) !== kind) at += HEAD_BYTES + view.getInt32(at + 4);
    return at < position ? at : -1;
  }

  #begin(kind: Waiting, byteCount: number, arrivedMs: number): JuteWriter {
    this.#entries ??= this.#tally.take();
    const entries = this.#entries;
    const needed = HEAD_BYTES + byteCount;
    // Sliding down instead of growing keeps a long-lived queue as small as what waits in it.
    if (this.#head > 0 && entries.position + needed > entries.bytes.length) {
      entries.bytes.copyWithin(0, this.#head, entries.position);
      entries.position -= this.#head;
      this.#head = 0;
    }
    entries.reserve(needed);
    entries.view.setInt32(entries.position, kind);
    entries.view.setInt32(entries.position + 4, byteCount);
    entries.view.setFloat64(entries.position + ARRIVAL, arrivedMs);
    entries.position += HEAD_BYTES;
    this.#tally.bytes += needed;
    this.#count += 1;
    return entries;
  }
}
