/**
 * Walks through a log file that comes in chunks and says, byte for byte as Apache does, where it
 * ends: in order at zeros or at the end of the file, by a record that was torn while it was written,
 * or by bytes that cannot be trusted. It does not look into payloads and does not judge zxids.
 *
 * It holds at most one record beside the chunk handed in last.
 */
import { ADLER32_START, adler32 } from '../adler32.ts';
import { assert } from '../assert.ts';
import { ChunkQueue } from '../chunk-queue.ts';
import {
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  LOG_PAYLOAD_BYTES_MAX_DEFAULT,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
} from './log-file.ts';

/** `offset` is where the record's checksum lies in the file. */
export interface LogRecord {
  readonly kind: 'record';
  readonly offset: number;
  /** Lies in the chunk it came with if it did not span two. */
  readonly payload: Uint8Array;
}

/** The file ends here, and the next file follows: a lawful end, torn records included. */
export interface LogEnd {
  readonly kind: 'end';
  readonly reason: LogEndReason;
  /** Behind the last good record: where a file may be cut. */
  readonly offset: number;
}

/**
 * `empty-file` has not even a header; `end-of-file` comes between records or inside one that the
 * file is too short for; `zeros` are a length of zero; `torn-record` is one without its last byte,
 * whose checksum is not looked at.
 */
export type LogEndReason = 'empty-file' | 'end-of-file' | 'zeros' | 'torn-record';

/** Storage that cannot be trusted: a server that reads this must not start. */
export interface LogCorrupt {
  readonly kind: 'corrupt';
  readonly reason: LogCorruption;
  readonly offset: number;
}

export type LogCorruption = 'short-header' | 'bad-magic' | 'bad-length' | 'bad-checksum';

export type LogOutcome = LogRecord | LogEnd | LogCorrupt;

/**
 * Push a chunk, then call `next` until it says null; after the last chunk call `finish`, and `next`
 * comes to its end. An outcome that is not a record is given again by every later call.
 */
export class LogScanner {
  readonly #payloadBytesMax: number;
  readonly #chunks: ChunkQueue = new ChunkQueue();
  #offset = 0;
  #finished = false;
  #outcome: LogEnd | LogCorrupt | null = null;

  constructor(payloadBytesMax: number = LOG_PAYLOAD_BYTES_MAX_DEFAULT) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  /** Hands in a chunk, which must stay unchanged while payloads from it are in use. */
  push(chunk: Uint8Array): void {
    if (this.#outcome === null) this.#chunks.push(chunk);
  }

  /** Says that no chunk will follow. */
  finish(): void {
    this.#finished = true;
  }

  /** The next record or the end; null when more bytes must come before it can be told. */
  next(): LogOutcome | null {
    if (this.#outcome !== null) return this.#outcome;
    if (this.#offset === 0 && !this.#readHeader()) return this.#outcome;
    const head = this.#chunks.peek(LOG_RECORD_HEAD_BYTES);
    if (head === null) return this.#short();
    const length = int32At(head, 8);
    if (length === 0) return this.#end('zeros');
    if (length < 0 || length > this.#payloadBytesMax) return this.#corrupt('bad-length');
    const record = this.#chunks.peek(length + LOG_RECORD_EXTRA_BYTES);
    if (record === null) return this.#short();
    return this.#closeRecord(record, length);
  }

  #closeRecord(record: Uint8Array, length: number): LogOutcome {
    const payloadEnd = LOG_RECORD_HEAD_BYTES + length;
    if (record[payloadEnd] !== LOG_RECORD_END) return this.#end('torn-record');
    const checksum = adler32(ADLER32_START, record, LOG_RECORD_HEAD_BYTES, payloadEnd);
    if (int32At(record, 0) !== 0 || int32At(record, 4) >>> 0 !== checksum) {
      return this.#corrupt('bad-checksum');
    }
    const offset = this.#offset;
    this.#skip(record.length);
    return { kind: 'record', offset, payload: record.subarray(LOG_RECORD_HEAD_BYTES, payloadEnd) };
  }

  /** False when the header is not all here, or is none and the outcome is settled. */
  #readHeader(): boolean {
    const header = this.#chunks.peek(LOG_HEADER_BYTES);
    if (header === null) {
      if (!this.#finished) return false;
      if (this.#chunks.available === 0) this.#end('empty-file');
      else this.#corrupt('short-header');
      return false;
    }
    if (int32At(header, 0) !== LOG_MAGIC) {
      this.#corrupt('bad-magic');
      return false;
    }
    this.#skip(LOG_HEADER_BYTES);
    return true;
  }

  #skip(byteCount: number): void {
    this.#chunks.skip(byteCount);
    this.#offset += byteCount;
  }

  /** The bytes run out inside a record: more may come, or the file ends there. */
  #short(): LogEnd | null {
    return this.#finished ? this.#end('end-of-file') : null;
  }

  #end(reason: LogEndReason): LogEnd {
    const outcome: LogEnd = { kind: 'end', reason, offset: this.#offset };
    this.#outcome = outcome;
    return outcome;
  }

  #corrupt(reason: LogCorruption): LogCorrupt {
    const outcome: LogCorrupt = { kind: 'corrupt', reason, offset: this.#offset };
    this.#outcome = outcome;
    return outcome;
  }
}

/** Every record of a file that is all here, and the outcome that ended it. */
export function readLogRecords(
  file: Uint8Array,
  payloadBytesMax: number = LOG_PAYLOAD_BYTES_MAX_DEFAULT,
): { readonly records: readonly LogRecord[]; readonly last: LogEnd | LogCorrupt } {
  const scanner = new LogScanner(payloadBytesMax);
  scanner.push(file);
  scanner.finish();
  const records: LogRecord[] = [];
  for (;;) {
    const outcome = scanner.next();
    assert(outcome !== null, 'a finished scanner always has an outcome');
    if (outcome.kind !== 'record') return { records, last: outcome };
    records.push(outcome);
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
