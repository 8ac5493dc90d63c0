/**
 * The disk of a member in a script: a list of records, snapshots, epochs and configurations. It does
 * one thing at a time, when it is let, and keeps what it has done when its server is killed.
 */
import { type Ensemble, encodeLogHeader, JuteWriter } from '@zabra/wire';
import type { DiskOrder, LogPieceEnd, MemberData } from '../contract.ts';
import type { Recovery } from '../recovery.ts';

interface StoredRecord {
  readonly zxid: bigint;
  readonly bytes: Uint8Array;
}

interface StoredSnapshot {
  readonly zxid: bigint;
  readonly pieces: Uint8Array[];
}

/** What the body has to tell its mind. */
export type DiskAnswer =
  | { readonly kind: 'done' | 'rebuild'; readonly ticket: number }
  | {
      readonly kind: 'read';
      readonly reader: number;
      readonly piece: Uint8Array;
      readonly end: LogPieceEnd;
    };

const RECORD_HEAD_BYTES = 12;
const ZXID_OFFSET = RECORD_HEAD_BYTES + 12;

export class MemberDisk {
  readonly #orders: DiskOrder[] = [];
  #told: string[] = [];
  #records: StoredRecord[] = [];
  #snapshots: StoredSnapshot[] = [];
  #snapshot: StoredSnapshot | null = null;
  #logFromZxid = 0n;
  #epochs = { accepted: 0, current: 0 };
  #committed: Ensemble;
  #next: Ensemble | null = null;
  /** Which record each reader is sent next. */
  readonly #places = new Map<number, number>();

  constructor(committed: Ensemble) {
    this.#committed = committed;
  }

  get isIdle(): boolean {
    return this.#orders.length === 0;
  }

  perform(order: DiskOrder): void {
    this.#orders.push(order);
    this.#told.push(sayOrder(order));
  }

  /** What it was told, in words, since this was last asked. */
  takeTold(): string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Does orders up to the next that is answered; null where nothing is left to do. */
  next(): DiskAnswer | null {
    for (let order = this.#orders.shift(); order !== undefined; order = this.#orders.shift()) {
      this.#do(order);
      if (order.kind === 'rebuild') return { kind: 'rebuild', ticket: order.ticket };
      if (order.kind === 'pullLog') return this.#read(order.reader, order.byteCount);
      if ('ticket' in order) return { kind: 'done', ticket: order.ticket };
    }
    return null;
  }

  /** Forgets what it has not done, as when its server is killed. */
  drop(): void {
    this.#orders.length = 0;
    this.#snapshot = null;
    this.#places.clear();
  }

  /** Everything is gone, as with a new disk. */
  wipe(): void {
    this.drop();
    this.#records = [];
    this.#snapshots = [];
    this.#epochs = { accepted: 0, current: 0 };
    this.#logFromZxid = 0n;
  }

  /** As an operator would, who edits the list of members while the server is down. */
  relist(committed: Ensemble): void {
    this.#committed = committed;
  }

  recover(recovery: Recovery): string | null {
    const snapshot = this.#snapshots.at(-1);
    if (snapshot === undefined) recovery.startEmpty();
    else {
      recovery.startSnapshot(snapshot.zxid);
      for (const piece of snapshot.pieces) recovery.snapshotRead(piece);
      const problem = recovery.snapshotEnd();
      if (problem !== null) return problem;
    }
    recovery.startLog();
    recovery.logRead(header());
    for (const { bytes } of this.#records) recovery.logRead(bytes);
    return recovery.logEnd();
  }

  get memberData(): MemberData {
    return {
      acceptedEpoch: this.#epochs.accepted,
      currentEpoch: this.#epochs.current,
      committed: this.#committed,
      next: this.#next,
      oldestSnapshotZxid: this.#snapshots[0]?.zxid ?? null,
      logFromZxid: this.#logFromZxid,
      isUntrusted: false,
    };
  }

  #do(order: DiskOrder): void {
    switch (order.kind) {
      case 'append':
        this.#append(order.bytes);
        break;
      case 'snapshotBegin':
        this.#snapshot = { zxid: order.zxid, pieces: [] };
        break;
      case 'snapshotSlice':
        this.#snapshot?.pieces.push(order.bytes.slice());
        break;
      case 'snapshotFinish':
        this.#finishSnapshot();
        break;
      case 'snapshotDrop':
        this.#snapshot = null;
        break;
      case 'storeEpoch':
        this.#epochs[order.name] = order.epoch;
        break;
      case 'storeConfiguration':
        if (order.name === 'next') this.#next = order.ensemble;
        else if (order.ensemble !== null) this.#committed = order.ensemble;
        break;
      case 'truncate':
        this.#records = this.#records.filter(({ zxid }) => zxid <= order.zxid);
        this.#snapshots = this.#snapshots.filter(({ zxid }) => zxid <= order.zxid);
        break;
      case 'openLog':
        this.#places.set(order.reader, this.#placeOf(order.from));
        break;
      case 'closeLog':
        this.#places.delete(order.reader);
        break;
      default:
    }
  }

  #append(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; ) {
      const end = at + RECORD_HEAD_BYTES + view.getInt32(at + 8) + 1;
      const zxid = view.getBigInt64(at + ZXID_OFFSET);
      this.#records.push({ zxid, bytes: bytes.slice(at, end) });
      at = end;
    }
  }

  #finishSnapshot(): void {
    if (this.#snapshot === null) return;
    const { zxid } = this.#snapshot;
    if (zxid > (this.#records.at(-1)?.zxid ?? 0n)) this.#logFromZxid = zxid;
    this.#snapshots.push(this.#snapshot);
    this.#snapshot = null;
  }

  #placeOf(from: bigint): number {
    const above = this.#records.findIndex(({ zxid }) => zxid > from);
    return Math.max(0, (above < 0 ? this.#records.length : above) - 1);
  }

  #read(reader: number, byteCount: number): DiskAnswer {
    const first = this.#places.get(reader) ?? 0;
    const pieces = this.#places.has(-reader) ? [] : [header()];
    this.#places.set(-reader, 0);
    let place = first;
    let left = byteCount;
    while (place < this.#records.length && left > 0) {
      const { bytes } = this.#records[place]!;
      pieces.push(bytes);
      left -= bytes.length;
      place += 1;
    }
    this.#places.set(reader, place);
    const piece = Uint8Array.from(pieces.flatMap((bytes) => [...bytes]));
    const end = place === this.#records.length ? 'end' : 'more';
    return { kind: 'read', reader, piece, end };
  }
}

function sayOrder(order: DiskOrder): string {
  if (order.kind === 'append') return `append up to 0x${order.lastZxid.toString(16)}`;
  if (order.kind === 'storeEpoch') return `store the ${order.name} epoch ${order.epoch}`;
  return 'zxid' in order ? `${order.kind} 0x${order.zxid.toString(16)}` : order.kind;
}

function header(): Uint8Array {
  const writer = new JuteWriter(16);
  encodeLogHeader(writer);
  return writer.finish();
}
