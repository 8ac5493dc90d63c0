/**
 * What a leader reads back for its learners: the log, from the disk, and snapshots, from the tree as
 * it is at one moment. A walk over the tree goes for one learner at a time, at the learner's pace; the
 * next begins when it is over. What is asked for here is answered in a later turn.
 */
import { SnapshotWriter, TxnField } from '@zabra/tree';
import { asZxid, LogScanner, type Zxid } from '@zabra/wire';
import type { Archive, LogReading, Peer } from '@zabra/zab';
import type { LogPieceEnd } from '../contract.ts';
import type { ServerState } from '../state.ts';

/** What one pull asks for at most. */
const SLICE_BYTES = 128 * 1024;
/** Nodes that changed ahead of the walk, at which they are sent without being asked for. */
const READY_BYTES_MAX = 4 * 1024 * 1024;

/** How far back the log goes without a gap. */
export interface LogReach {
  /** No record behind this is missing. */
  readonly logFromZxid: bigint;
}

interface Walk {
  readonly reader: number;
  readonly writer: SnapshotWriter;
  wantedBytes: number;
}

/** A learner whose snapshot has not begun. */
interface Waiting {
  readonly reader: number;
  readonly atLeast: Zxid;
  /** What it has asked for meanwhile. */
  wantedBytes: number;
}

export class MemberArchive implements Archive {
  readonly #state: ServerState;
  readonly #payloadBytesMax: number;
  peer!: Peer;
  readonly #reach: LogReach;
  readonly #scanners = new Map<number, LogScanner>();
  /** Readers of what is not in the log any more, that have asked for it. */
  #gone: number[] = [];
  readonly #lost = new Set<number>();
  #waiting: Waiting[] = [];
  #walk: Walk | null = null;

  constructor(state: ServerState, reach: LogReach, payloadBytesMax: number) {
    this.#state = state;
    this.#reach = reach;
    this.#payloadBytesMax = payloadBytesMax;
  }

  // For the peer.

  openLog(reader: number, from: Zxid): void {
    if (from < this.#reach.logFromZxid) {
      this.#lost.add(reader);
      return;
    }
    this.#scanners.set(reader, new LogScanner(this.#payloadBytesMax));
    this.#state.disk.push({ kind: 'openLog', reader, from });
  }

  openSnapshot(reader: number, atLeast: Zxid): void {
    this.#waiting.push({ reader, atLeast, wantedBytes: 0 });
  }

  pull(reader: number, byteCount: number): void {
    if (this.#lost.has(reader)) this.#gone.push(reader);
    else if (this.#scanners.has(reader)) {
      this.#state.disk.push({ kind: 'pullLog', reader, byteCount });
    } else {
      for (const snapshot of [...this.#waiting, this.#walk]) {
        if (snapshot?.reader === reader) snapshot.wantedBytes = byteCount;
      }
    }
  }

  close(reader: number): void {
    this.#lost.delete(reader);
    this.#waiting = this.#waiting.filter((one) => one.reader !== reader);
    if (this.#scanners.delete(reader)) this.#state.disk.push({ kind: 'closeLog', reader });
    if (this.#walk?.reader !== reader) return;
    this.#walk.writer.detach();
    this.#walk = null;
  }

  // For the body.

  onLogRead(reader: number, piece: Uint8Array, end: LogPieceEnd): void {
    const scanner = this.#scanners.get(reader);
    if (scanner === undefined) return;
    scanner.push(piece);
    if (end === 'fileEnd') scanner.finish();
    const isSound = end !== 'gone' && this.#tellRecords(reader, scanner);
    if (end === 'fileEnd' && this.#scanners.has(reader)) {
      this.#scanners.set(reader, new LogScanner(this.#payloadBytesMax));
    }
    let reading: LogReading = 'gone';
    if (isSound) reading = end === 'end' ? 'end' : 'more';
    this.peer.logPulled(reader, reading);
  }

  // Each turn.

  get hasWork(): boolean {
    if (this.#gone.length > 0 || this.#canBegin) return true;
    const walk = this.#walk;
    return walk !== null && (walk.wantedBytes > 0 || walk.writer.readyBytes > READY_BYTES_MAX);
  }

  turn(): void {
    const gone = this.#gone;
    this.#gone = [];
    for (const reader of gone) this.peer.logPulled(reader, 'gone');
    if (this.#canBegin) this.#begin(this.#waiting.shift()!);
    if (this.#walk !== null) this.#walkOn(this.#walk);
  }

  /** Whether what the next learner wants is applied, and nobody else walks. */
  get #canBegin(): boolean {
    const next = this.#waiting[0];
    if (next === undefined || this.#walk !== null || this.#state.tree.witness !== null)
      return false;
    return this.#state.appliedZxid >= next.atLeast;
  }

  #begin({ reader, wantedBytes }: Waiting): void {
    const { tree, sessions, appliedHigh, appliedLow, appliedZxid } = this.#state;
    const writer = new SnapshotWriter(tree, sessions, appliedHigh, appliedLow, {
      withDigest: false,
      sliceBytes: SLICE_BYTES,
      form: 'stream',
    });
    this.#walk = { reader, writer, wantedBytes };
    this.peer.snapshotOpened(reader, asZxid(appliedZxid));
  }

  #walkOn(walk: Walk): void {
    const { writer } = walk;
    if (walk.wantedBytes > 0) writer.advance(Math.min(walk.wantedBytes, SLICE_BYTES));
    else if (writer.readyBytes <= READY_BYTES_MAX) return;
    walk.wantedBytes = 0;
    const isEnd = writer.isDone;
    if (isEnd) this.#walk = null;
    const piece = writer.take();
    this.peer.snapshotPulled(walk.reader, piece, isEnd);
    writer.giveBack(piece);
  }

  /** False where the log cannot be read on. */
  #tellRecords(reader: number, scanner: LogScanner): boolean {
    const { logFromZxid } = this.#reach;
    for (let next = scanner.next(); next !== null; next = scanner.next()) {
      if (next.kind === 'corrupt') return false;
      if (next.kind === 'end' || !this.#scanners.has(reader)) return true;
      const { payload } = next;
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const high = view.getInt32(TxnField.Zxid);
      const low = view.getInt32(TxnField.Zxid + 4);
      // What lies before a gap belongs to no history that could be told from here.
      if (isBelow(high, low, logFromZxid)) continue;
      this.peer.logRecord(reader, high, low, payload, view, 0, payload.length);
    }
    return true;
  }
}

function isBelow(high: number, low: number, zxid: bigint): boolean {
  const thanHigh = Number(zxid >> 32n);
  return high === thanHigh ? low >>> 0 < Number(zxid & 0xffffffffn) : high < thanHigh;
}
