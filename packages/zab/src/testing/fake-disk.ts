/**
 * A simulated disk below a peer: what is durable, and what it has been told and not done yet. It does
 * one thing after the other, and a crash keeps what was done, perhaps the first part of what was
 * under way, and nothing else.
 */
import type { Ensemble, Zxid } from '@zabra/wire';
import type { EpochName } from '../contract.ts';
import type { Chance } from './chance.ts';

export interface StoredRecord {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
}

interface StoredSnapshot {
  readonly zxid: Zxid;
  /** How many records, from the first one ever, are in it. */
  readonly count: number;
}

/** All that a server has on disk; records that are in a snapshot only stand in the list all the same. */
export interface Image {
  readonly records: readonly StoredRecord[];
  /** The first of them that is in the log. */
  readonly logStart: number;
  readonly snapshots: readonly StoredSnapshot[];
  readonly accepted: number;
  readonly current: number;
  readonly committed: Ensemble;
  readonly next: Ensemble | null;
}

export type DiskOp =
  | { readonly kind: 'append'; readonly record: StoredRecord }
  | { readonly kind: 'epoch'; readonly name: EpochName; readonly epoch: number }
  | {
      readonly kind: 'configuration';
      readonly name: 'committed' | 'next';
      readonly ensemble: Ensemble | null;
    }
  | { readonly kind: 'truncate'; readonly zxid: Zxid }
  | {
      readonly kind: 'install';
      readonly zxid: Zxid;
      readonly records: readonly StoredRecord[];
    };

/** The last zxid that a server with this on disk has. */
export function lastZxid({ records, snapshots }: Image): Zxid {
  const last = records.at(-1)?.zxid ?? (0n as Zxid);
  const newest = snapshots.at(-1)?.zxid ?? (0n as Zxid);
  return newest > last ? newest : last;
}

function perform(image: Image, op: DiskOp): Image {
  switch (op.kind) {
    case 'append':
      return { ...image, records: [...image.records, op.record] };
    case 'epoch':
      return { ...image, [op.name]: op.epoch };
    case 'configuration':
      return { ...image, [op.name]: op.ensemble };
    case 'truncate':
      return cutAbove(image, op.zxid);
    default: {
      const snapshots = [...cutAbove(image, op.zxid).snapshots];
      const { length } = op.records;
      snapshots.push({ zxid: op.zxid, count: length });
      return { ...image, records: op.records, logStart: length, snapshots };
    }
  }
}

/** Of an install, what goes first may be all that was done. */
function firstHalf(op: DiskOp): DiskOp {
  return op.kind === 'install' ? { kind: 'truncate', zxid: op.zxid } : op;
}

function cutAbove(image: Image, zxid: Zxid): Image {
  const records = image.records.filter((record) => record.zxid <= zxid);
  const snapshots = image.snapshots.filter((snapshot) => snapshot.zxid <= zxid);
  return { ...image, records, snapshots, logStart: Math.min(image.logStart, records.length) };
}

export class FakeDisk {
  image: Image;
  /** As it will be when all that was told is done. */
  told: Image;
  readonly queue: DiskOp[] = [];

  constructor(image: Image) {
    this.image = image;
    this.told = image;
  }

  /** So many records are no longer in the log: snapshots hold them. */
  clearAway(count: number): void {
    this.image = { ...this.image, logStart: count };
    this.told = { ...this.told, logStart: count };
  }

  /** Of records that were told and are not done. */
  get backlogBytes(): number {
    let bytes = 0;
    for (const op of this.queue) if (op.kind === 'append') bytes += op.record.bytes.length;
    return bytes;
  }

  tell(op: DiskOp): void {
    this.queue.push(op);
    this.told = perform(this.told, op);
  }

  /** Does the next thing. */
  doNext(): void {
    const op = this.queue.shift();
    if (op !== undefined) this.image = perform(this.image, op);
  }

  /** Does the next thing, or the next few records with one sync; null where there is nothing to do. */
  step(chance: Chance): DiskOp | null {
    const first = this.queue.shift();
    if (first === undefined) return null;
    this.image = perform(this.image, first);
    if (first.kind !== 'append') return first;
    let last: DiskOp = first;
    for (let more = 1 + chance.below(8); more > 0 && this.queue[0]?.kind === 'append'; more -= 1) {
      last = this.queue.shift()!;
      this.image = perform(this.image, last);
    }
    return last;
  }

  /** The process ends, in the middle of what it was doing. */
  crash(chance: Chance): void {
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      if (chance.happens(0.5)) break;
      this.queue.shift();
      this.image = perform(this.image, chance.happens(0.3) ? firstHalf(next) : next);
      if (next.kind !== 'append') break;
    }
    this.queue.length = 0;
    this.told = this.image;
  }
}
