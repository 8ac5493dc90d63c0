/**
 * What a member that lives in memory keeps, for as long as its process does: its newest snapshot and
 * the records behind it. A new snapshot takes the place of whatever came before it.
 */
import type { Recovery } from '@zabra/replica';
import { encodeLogHeader, JuteWriter, LOG_HEADER_BYTES, LOG_RECORD_HEAD_BYTES } from '@zabra/wire';
import type { LogPiece } from './log-reader.ts';

interface KeptRecord {
  readonly zxid: bigint;
  readonly bytes: Uint8Array;
}

interface KeptSnapshot {
  readonly zxid: bigint;
  readonly pieces: Uint8Array[];
}

interface Reader {
  /** The last record that it was handed, or does not want. */
  after: bigint;
  hasHeader: boolean;
}

/** Behind the head of a record and what comes before the zxid. */
const ZXID_OFFSET: number = LOG_RECORD_HEAD_BYTES + 12;
/** Records handed to a recovery between two turns of the loop. */
const RECORDS_AT_ONCE = 500;
const NOTHING = new Uint8Array(0);

export class MemoryShelf {
  #records: KeptRecord[] = [];
  #snapshot: KeptSnapshot | null = null;
  #draft: KeptSnapshot | null = null;
  /** Records up to this zxid are in the snapshot only. */
  #goneZxid = 0n;
  readonly #readers = new Map<number, Reader>();

  get snapshotZxid(): bigint | null {
    return this.#snapshot?.zxid ?? null;
  }

  append(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; ) {
      const end = at + LOG_RECORD_HEAD_BYTES + view.getInt32(at + LOG_RECORD_HEAD_BYTES - 4) + 1;
      const zxid = view.getBigInt64(at + ZXID_OFFSET);
      this.#records.push({ zxid, bytes: bytes.slice(at, end) });
      at = end;
    }
  }

  cutAbove(zxid: bigint): void {
    this.#records = this.#records.filter((record) => record.zxid <= zxid);
    if (this.#snapshot !== null && this.#snapshot.zxid > zxid) this.#snapshot = null;
  }

  beginSnapshot(zxid: bigint): void {
    this.#draft = { zxid, pieces: [] };
  }

  addSlice(bytes: Uint8Array): void {
    this.#draft?.pieces.push(bytes.slice());
  }

  dropSnapshot(): void {
    this.#draft = null;
  }

  /** Its zxid; null where none was begun. */
  finishSnapshot(): bigint | null {
    const snapshot = this.#draft;
    this.#draft = null;
    if (snapshot === null) return null;
    this.#snapshot = snapshot;
    this.#goneZxid = snapshot.zxid;
    this.#records = this.#records.filter(({ zxid }) => zxid > snapshot.zxid);
    return snapshot.zxid;
  }

  openReader(reader: number, from: bigint): void {
    const before = this.#records.findLast(({ zxid }) => zxid <= from);
    const first = before ?? this.#records[0];
    const after = first === undefined ? this.#goneZxid : first.zxid - 1n;
    this.#readers.set(reader, { after, hasHeader: false });
  }

  /** Null for a reader that is not open. */
  pull(number: number, byteCount: number): LogPiece | null {
    const reader = this.#readers.get(number);
    if (reader === undefined) return null;
    if (reader.after < this.#goneZxid) return { bytes: NOTHING, end: 'gone' };
    const pieces = reader.hasHeader ? [] : [header()];
    reader.hasHeader = true;
    let left = byteCount;
    for (const { zxid, bytes } of this.#records) {
      if (zxid <= reader.after) continue;
      if (left <= 0) return { bytes: joined(pieces), end: 'more' };
      pieces.push(bytes);
      left -= bytes.length;
      reader.after = zxid;
    }
    return { bytes: joined(pieces), end: 'end' };
  }

  closeReader(reader: number): void {
    this.#readers.delete(reader);
  }

  /** Hands over everything, a slice at a time; why it cannot be used, or null. */
  async read(recovery: Recovery): Promise<string | null> {
    return (await this.#readSnapshot(recovery)) ?? (await this.#readLog(recovery));
  }

  async #readSnapshot(recovery: Recovery): Promise<string | null> {
    const snapshot = this.#snapshot;
    if (snapshot === null) {
      recovery.startEmpty();
      return null;
    }
    recovery.startSnapshot(snapshot.zxid);
    for (const piece of snapshot.pieces) {
      const problem = recovery.snapshotRead(piece);
      if (problem !== null) return problem;
      await turnOfLoop();
    }
    return recovery.snapshotEnd();
  }

  async #readLog(recovery: Recovery): Promise<string | null> {
    const records = this.#records;
    recovery.startLog();
    recovery.logRead(header());
    for (let at = 0; at < records.length; at += RECORDS_AT_ONCE) {
      for (const { bytes } of records.slice(at, at + RECORDS_AT_ONCE)) {
        const problem = recovery.logRead(bytes);
        if (problem !== null) return problem;
      }
      await turnOfLoop();
    }
    return recovery.logEnd();
  }
}

function header(): Uint8Array {
  const writer = new JuteWriter(LOG_HEADER_BYTES);
  encodeLogHeader(writer);
  return writer.finish();
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
