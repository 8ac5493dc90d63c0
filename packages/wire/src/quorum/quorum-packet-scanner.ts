/**
 * Cuts packets out of a stream that comes in chunks of any size. Packets have no outer length, so a
 * packet is walked length by length, each one checked before anything follows it, and the walk may
 * stop at any byte. A packet that lies in one chunk is handed out in place; of one that spans chunks
 * the part that has come is kept, never more than that one packet and never by a length that was
 * only announced.
 *
 * Behind a SNAP packet stands a snapshot whose end only its reader can tell:
 *
 *     stream = { packet | SNAP packet, snapshot, ustring "BenWasHere" }
 *
 *                    next() is 'packet', type SNAP:
 *                    beginSnapshot()
 *       ┌─────────┐ ────────────────▶ ┌──────────┐ ─┐ next() is 'snapshot',
 *       │ packets │                   │ snapshot │  │ `piece` belongs to it
 *       └─────────┘ ◀── signature ◀── └──────────┘ ◀┘
 *                                     endSnapshot(bytes of `piece` that belonged to it)
 */
import { assert } from '../assert.ts';
import type { JuteWriter } from '../jute/writer.ts';
import { LOG_PAYLOAD_BYTES_MAX_DEFAULT } from '../log/log-file.ts';
import { PacketType } from './packet-type.ts';
import { AUTHINFO_BYTES_MIN, PACKET_HEAD_BYTES, PacketView } from './quorum-packet.ts';

/**
 * `packet`: look at `packet`. `snapshot`: look at `piece`. `more`: nothing of the chunk is needed
 * any more, push the next. `bad`: look at `problem`; the stream is over.
 */
export type PacketStep = 'packet' | 'snapshot' | 'more' | 'bad';

/** A length, count or text that cannot be, and what stood there. */
export interface PacketProblem {
  readonly reason: 'data-length' | 'authinfo-count' | 'authinfo-length' | 'snapshot-signature';
  /** The offending number; 0 for a signature. */
  readonly value: number;
}

/** The most identities that a request may carry. */
export const AUTHINFO_COUNT_MAX = 1024;

const SIGNATURE = 'BenWasHere';
const SIGNATURE_BYTES: number = 4 + SIGNATURE.length;
const LENGTH_BYTES = 4;

/** What is kept for unfinished packets between them; more than that is let go with its packet. */
const CARRY_BYTES_KEPT = 64 * 1024;
const CARRY_BYTES_MIN = 256;

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

type Stage = 'head' | 'authinfo' | 'identity' | 'snapshot' | 'signature' | 'bad';

/**
 * Push a chunk, then call `next` until it says `more`. The chunk is borrowed until then; what `next`
 * hands out, until the following call of `next`.
 */
export class QuorumPacketScanner {
  readonly packet: PacketView = new PacketView();
  readonly #dataBytesMax: number;

  /** All of the memory that the chunk lies in: the next one is in the same, as a rule. */
  #memory: Uint8Array = EMPTY;
  #memoryView: DataView = EMPTY_VIEW;
  /** What is left of the chunk there: [start, end). */
  #chunkStart = 0;
  #chunkEnd = 0;
  /** The beginning of a packet that did not end in its chunk: [0, carried). */
  #carry: Uint8Array = EMPTY;
  #carryView: DataView = EMPTY_VIEW;
  #carried = 0;

  #stage: Stage = 'head';
  /** How many bytes of the packet must be here before the walk can go on. */
  #needed = PACKET_HEAD_BYTES;
  /** Strings of the identities that the walk has not met yet. */
  #stringsLeft = 0;
  #authinfoBytes = 0;
  #piece: Uint8Array = EMPTY;
  #problem: PacketProblem | null = null;

  /** `dataBytesMax` bounds a packet's data, and its identities together. */
  constructor(dataBytesMax: number = LOG_PAYLOAD_BYTES_MAX_DEFAULT) {
    this.#dataBytesMax = dataBytesMax;
  }

  /** Why the stream ended, null while it is sound. */
  get problem(): PacketProblem | null {
    return this.#problem;
  }

  /** After `snapshot`: bytes behind a SNAP packet, of which the reader must say where they end. */
  get piece(): Uint8Array {
    return this.#piece;
  }

  /** How many bytes of an unfinished packet are kept. */
  get keptBytes(): number {
    return this.#carried;
  }

  push(chunk: Uint8Array): void {
    if (this.#stage === 'bad') return;
    assert(this.#chunkStart === this.#chunkEnd, 'a chunk is used up before the next one comes');
    const { buffer, byteOffset } = chunk;
    if (buffer !== this.#memory.buffer) {
      this.#memory = new Uint8Array(buffer);
      this.#memoryView = new DataView(buffer);
    }
    this.#chunkStart = byteOffset;
    this.#chunkEnd = byteOffset + chunk.length;
  }

  next(): PacketStep {
    if (this.#stage === 'snapshot') return this.#takePiece();
    for (;;) {
      if (this.#stage === 'bad') return 'bad';
      if (!this.#gather()) return 'more';
      const inPlace = this.#carried === 0;
      const bytes = inPlace ? this.#memory : this.#carry;
      const view = inPlace ? this.#memoryView : this.#carryView;
      const start = inPlace ? this.#chunkStart : 0;
      if (this.#stage === 'signature') this.#checkSignature(bytes, start);
      else if (this.#walk(view, start)) return this.#takePacket(bytes, view, start);
    }
  }

  /** Says, right after a SNAP packet, that its snapshot is wanted and comes next. */
  beginSnapshot(): void {
    assert(this.packet.type === PacketType.Snap, 'a snapshot follows a SNAP packet');
    assert(this.#stage === 'head' && this.#carried === 0, 'a snapshot begins behind its packet');
    this.#stage = 'snapshot';
  }

  /** Says that the snapshot ended behind the first `byteCount` bytes of the last piece. */
  endSnapshot(byteCount: number): void {
    assert(this.#stage === 'snapshot', 'a snapshot that ends has begun');
    assert(byteCount >= 0 && byteCount <= this.#piece.length, 'a snapshot ends in its last piece');
    this.#chunkStart -= this.#piece.length - byteCount;
    this.#piece = EMPTY;
    this.#stage = 'signature';
    this.#needed = SIGNATURE_BYTES;
  }

  #takePiece(): PacketStep {
    this.#piece = this.#memory.subarray(this.#chunkStart, this.#chunkEnd);
    this.#chunkStart = this.#chunkEnd;
    return this.#piece.length === 0 ? 'more' : 'snapshot';
  }

  /** Brings the needed bytes together; false when they are not all here, and then all are kept. */
  #gather(): boolean {
    const missing = this.#needed - this.#carried;
    const available = this.#chunkEnd - this.#chunkStart;
    if (this.#carried === 0 && available >= missing) return true;
    const byteCount = Math.min(missing, available);
    if (byteCount > 0) this.#carryOver(byteCount);
    return byteCount === missing;
  }

  #carryOver(byteCount: number): void {
    const carried = this.#carried + byteCount;
    if (carried > this.#carry.length) this.#growCarry(carried);
    const end = this.#chunkStart + byteCount;
    this.#carry.set(this.#memory.subarray(this.#chunkStart, end), this.#carried);
    this.#carried = carried;
    this.#chunkStart = end;
  }

  #growCarry(byteCount: number): void {
    const grown = new Uint8Array(Math.max(byteCount, 2 * this.#carry.length, CARRY_BYTES_MIN));
    grown.set(this.#carry.subarray(0, this.#carried));
    this.#carry = grown;
    this.#carryView = new DataView(grown.buffer);
  }

  /** Looks at the length that the needed bytes end with; true when they are the whole packet. */
  #walk(view: DataView, start: number): boolean {
    const length = view.getInt32(start + this.#needed - LENGTH_BYTES);
    if (this.#stage === 'head') return this.#walkData(length);
    if (this.#stage === 'authinfo') return this.#walkAuthinfo(length);
    if (this.#stringsLeft === 0) return true;
    return this.#walkIdentity(length);
  }

  #walkData(length: number): boolean {
    if (length < -1 || length > this.#dataBytesMax) return this.#fail('data-length', length);
    this.#stage = 'authinfo';
    this.#needed += Math.max(0, length) + AUTHINFO_BYTES_MIN;
    return false;
  }

  #walkAuthinfo(count: number): boolean {
    if (count < -1 || count > AUTHINFO_COUNT_MAX) return this.#fail('authinfo-count', count);
    if (count <= 0) return true;
    this.#stage = 'identity';
    this.#stringsLeft = 2 * count;
    this.#authinfoBytes = 0;
    this.#needed += LENGTH_BYTES;
    return false;
  }

  /** A string, and behind it the length of the next one, if there is a next one. */
  #walkIdentity(length: number): boolean {
    const byteCount = Math.max(0, length);
    this.#authinfoBytes += byteCount;
    if (length < -1 || this.#authinfoBytes > this.#dataBytesMax) {
      return this.#fail('authinfo-length', length);
    }
    this.#stringsLeft -= 1;
    this.#needed += byteCount + (this.#stringsLeft === 0 ? 0 : LENGTH_BYTES);
    return false;
  }

  #takePacket(bytes: Uint8Array, view: DataView, start: number): PacketStep {
    this.packet.reset(bytes, view, start, start + this.#needed);
    this.#stepOver();
    return 'packet';
  }

  #checkSignature(bytes: Uint8Array, start: number): void {
    let isSound = bytes[start + LENGTH_BYTES - 1] === SIGNATURE.length;
    for (let i = 0; i < LENGTH_BYTES - 1; i += 1) isSound &&= bytes[start + i] === 0;
    for (let i = 0; i < SIGNATURE.length; i += 1) {
      isSound &&= bytes[start + LENGTH_BYTES + i] === SIGNATURE.charCodeAt(i);
    }
    if (isSound) this.#stepOver();
    else this.#fail('snapshot-signature', 0);
  }

  /** Leaves what was just walked behind; the bytes stay as they are until the next call. */
  #stepOver(): void {
    if (this.#carried === 0) this.#chunkStart += this.#needed;
    else if (this.#carry.length > CARRY_BYTES_KEPT) this.#dropCarry();
    this.#carried = 0;
    this.#stage = 'head';
    this.#needed = PACKET_HEAD_BYTES;
  }

  #dropCarry(): void {
    this.#carry = EMPTY;
    this.#carryView = EMPTY_VIEW;
  }

  #fail(reason: PacketProblem['reason'], value: number): false {
    this.#stage = 'bad';
    this.#problem = { reason, value };
    this.#memory = EMPTY;
    this.#memoryView = EMPTY_VIEW;
    this.#chunkStart = 0;
    this.#chunkEnd = 0;
    this.#carried = 0;
    this.#dropCarry();
    return false;
  }
}

/** What stands behind a snapshot on the wire, before packets go on. */
export function appendSnapshotSignature(writer: JuteWriter): void {
  writer.string(SIGNATURE);
}
