/**
 * All records that were ever made, each with the one before it in the history it was made for. A
 * leader adds to the history it has, so what a log holds is told by its last record alone, and one
 * history goes on from another if it leads back to it.
 */
import {
  asZxid,
  decodeTransaction,
  decodeUtf8,
  type Ensemble,
  formatZxid,
  JuteReader,
  Opcode,
  parseEnsemble,
  type Transaction,
  zxidCounter,
  zxidEpoch,
} from '@zabra/wire';

/** Who is a member as of a record, and who was before that changed last. */
export interface Configuration {
  readonly ensemble: Ensemble;
  /** The record that made it; null for the one that everything began with. */
  readonly entry: Entry | null;
  readonly previous: Configuration | null;
}

export interface Entry {
  readonly zxid: bigint;
  readonly epoch: number;
  readonly counter: number;
  /** Of the transaction. */
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Null for the beginning of everything. */
  readonly parent: Entry | null;
  /** How many records there are before it. */
  readonly depth: number;
  /** Another one where a leader has brought it to rule that goes on from here. */
  configuration: Configuration;
  /** Of the tree behind it, once somebody has said or had one. */
  digest: bigint | null;
}

const ZXID_OFFSET = 12;
const TYPE_OFFSET = 28;
const HEADER_BYTES = 32;
const NOTHING = new Uint8Array(0);
/** Where a zxid is put together: a view of each record would cost more than all that is read in it. */
const word = new DataView(new ArrayBuffer(8));

export class Chain {
  readonly root: Entry;
  readonly #entries = new Map<bigint, Entry>();

  constructor(ensemble: Ensemble) {
    this.root = {
      zxid: 0n,
      epoch: 0,
      counter: 0,
      type: 0,
      bytes: NOTHING,
      parent: null,
      depth: 0,
      configuration: { ensemble, entry: null, previous: null },
      digest: null,
    };
    this.#entries.set(0n, this.root);
  }

  /** The record, or the end of the history with which the term of that epoch began. */
  entryOf(zxid: bigint): Entry | undefined {
    return this.#entries.get(zxid);
  }

  /** A record that nobody had before, behind the history it was made for. */
  add(record: Uint8Array, parent: Entry): Entry {
    const bytes = record.slice();
    const zxid = zxidOfRecord(bytes);
    const type = typeOfRecord(bytes);
    const txn = decodeTransaction(JuteReader.over(bytes));
    const entry = {
      zxid,
      epoch: zxidEpoch(asZxid(zxid)),
      counter: zxidCounter(asZxid(zxid)),
      type,
      bytes,
      parent,
      depth: parent.depth + 1,
      configuration: parent.configuration,
      digest: txn?.digest == null ? null : BigInt.asUintN(64, txn.digest.treeDigest),
    };
    const ensemble = txn === null ? null : ensembleIn(txn);
    if (ensemble !== null) {
      entry.configuration = { ensemble, entry, previous: parent.configuration };
    }
    this.#entries.set(zxid, entry);
    return entry;
  }

  /** The beginning of an epoch stands for the end of the history that it began with. */
  beginEpoch(epoch: number, historyEnd: Entry): void {
    this.#entries.set(BigInt(epoch) << 32n, historyEnd);
  }
}

/** Whether one history is a first part of another, or the same. */
export function isWithin(part: Entry, whole: Entry): boolean {
  let entry: Entry | null = whole;
  while (entry !== null && entry.depth > part.depth) entry = entry.parent;
  return entry === part;
}

/** What of a history is at or below a zxid. */
export function upTo(history: Entry, zxid: bigint): Entry {
  let entry = history;
  while (entry.zxid > zxid && entry.parent !== null) entry = entry.parent;
  return entry;
}

/** Whether a zxid may stand right behind another: the next of its epoch, or the first of a later. */
export function isNext(zxid: bigint, before: Entry): boolean {
  const epoch = zxidEpoch(asZxid(zxid));
  const counter = zxidCounter(asZxid(zxid));
  if (epoch === before.epoch) return counter === before.counter + 1;
  return epoch > before.epoch && counter === 1;
}

export function zxidOfRecord(record: Uint8Array): bigint {
  if (record.length < HEADER_BYTES) return -1n;
  word.setInt32(0, int32At(record, ZXID_OFFSET));
  word.setInt32(4, int32At(record, ZXID_OFFSET + 4));
  return word.getBigInt64(0);
}

export function typeOfRecord(record: Uint8Array): number {
  return record.length < HEADER_BYTES ? 0 : int32At(record, TYPE_OFFSET);
}

export function isSameRecord(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}

/** As people read it. */
export function named(zxid: bigint): string {
  return zxid < 0n ? `${zxid}` : `0x${formatZxid(asZxid(zxid))}`;
}

function ensembleIn({ record }: Transaction): Ensemble | null {
  if (record.type !== Opcode.Reconfig || record.body.data === null) return null;
  const outcome = parseEnsemble(decodeUtf8(record.body.data));
  return outcome.kind === 'ensemble' ? outcome.ensemble : null;
}

/** Big-endian, without a view of the bytes. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
