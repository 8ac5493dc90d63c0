/**
 * Goes from record to record of a log in pieces and notes what the recovery does not tell: the zxid
 * of each record, and where and why the log ends. It checks nothing: whoever reads the log does.
 */
import {
  LOG_HEADER_BYTES,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
} from '@zabra/wire';

/** Into the payload: the zxid comes behind the session and the cxid. */
const ZXID_OFFSET: number = LOG_RECORD_HEAD_BYTES + 12;
/** Of a record, what is looked at. */
const HEAD_BYTES: number = ZXID_OFFSET + 8;

export class LogWalk {
  readonly #onZxid: (zxid: bigint) => void;
  readonly #head = new DataView(new ArrayBuffer(HEAD_BYTES));
  readonly #headBytes = new Uint8Array(this.#head.buffer);
  #headCount = 0;
  /** Where the piece handed in next begins. */
  #at = 0;
  #recordStart = LOG_HEADER_BYTES;
  /** Where the last byte of the current record lies, once its length is known. */
  #recordEnd = -1;
  #hasEnded = false;

  constructor(onZxid: (zxid: bigint) => void) {
    this.#onZxid = onZxid;
  }

  /** The log is over; what follows is not part of it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Behind the last whole record. */
  get end(): number {
    return this.#recordStart;
  }

  push(piece: Uint8Array): void {
    let i = Math.min(Math.max(this.#recordStart - this.#at, 0), piece.length);
    while (i < piece.length && !this.#hasEnded) {
      i = this.#recordEnd < 0 ? this.#takeHead(piece, i) : this.#takeEnd(piece, i);
    }
    this.#at += piece.length;
  }

  /** Gathers a record's head; the next place to look at. */
  #takeHead(piece: Uint8Array, start: number): number {
    const end = Math.min(start + HEAD_BYTES - this.#headCount, piece.length);
    this.#headBytes.set(piece.subarray(start, end), this.#headCount);
    this.#headCount += end - start;
    if (this.#headCount < HEAD_BYTES) return end;
    const length = this.#head.getInt32(LOG_RECORD_HEAD_BYTES - 4);
    if (length <= 0) this.#hasEnded = true;
    this.#recordEnd = this.#recordStart + length + LOG_RECORD_EXTRA_BYTES - 1;
    return this.#inPiece(this.#recordEnd, piece);
  }

  #takeEnd(piece: Uint8Array, start: number): number {
    const at = Math.max(start, this.#inPiece(this.#recordEnd, piece));
    if (at >= piece.length) return piece.length;
    if (piece[at] !== LOG_RECORD_END) {
      this.#hasEnded = true;
      return at;
    }
    this.#onZxid(this.#head.getBigInt64(ZXID_OFFSET));
    this.#recordStart = this.#recordEnd + 1;
    this.#recordEnd = -1;
    this.#headCount = 0;
    return at + 1;
  }

  #inPiece(place: number, piece: Uint8Array): number {
    return Math.min(Math.max(place - this.#at, 0), piece.length);
  }
}
