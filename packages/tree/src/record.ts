/**
 * The layout of one node's record: the 68 bytes of its Stat as clients receive them, ready to be
 * copied into a reply, then what only the server keeps. The tree stores records in pages; the
 * future state of a node in `pending` is a record of the same shape, so both are read, checked and
 * digested by the same few functions.
 */
import { crc32Extend, crc32Finish } from '@zabra/wire';

/** Offsets within a record. Those below STAT_BYTES are the Stat, big-endian, in wire order. */
export const Field = {
  Czxid: 0,
  Mzxid: 8,
  Ctime: 16,
  Mtime: 24,
  Version: 32,
  /** As clients see it: creations plus deletions of children. */
  VisibleCversion: 36,
  Aversion: 40,
  /** As clients see it: zero for containers and TTL nodes. */
  VisibleOwner: 44,
  DataLength: 52,
  NumChildren: 56,
  Pzxid: 60,
  /** Creations of children only; the number in logs, snapshots and sequence names. */
  Cversion: 68,
  Owner: 72,
  AclKey: 80,
  Parent: 84,
  FirstChild: 88,
  NextSibling: 92,
  PreviousSibling: 96,
  PathHash: 100,
  /** Running CRC-32 over the path, and over path and data. */
  PathCrc: 104,
  DataCrc: 108,
  /** This node's share of the tree digest. */
  Digest: 112,
  NameHandle: 116,
  NameLength: 120,
  DataHandle: 124,
  Flags: 128,
  /** The snapshot that has already seen this node; 16 bits. */
  SnapshotMark: 130,
  /** How many nodes live below this one. */
  Descendants: 132,
} as const;

export const STAT_BYTES = 68;
export const RECORD_BYTES = 136;

export const Flag = {
  Live: 1,
  /** The data is null, which is not the same as empty. */
  NullData: 2,
  /** Below /zookeeper: left out of the digest. */
  Undigested: 4,
} as const;

/** The owner of a container; its low half is zero. */
export const CONTAINER_OWNER_HIGH: number = 0x80000000 | 0;
/** The top byte of a TTL node's owner; the low 40 bits are milliseconds. */
export const TTL_OWNER_BYTE = 0xff;

export const OwnerKind = { None: 0, Session: 1, Container: 2, Ttl: 3 } as const;
export type OwnerKind = (typeof OwnerKind)[keyof typeof OwnerKind];

/** What a stored owner means; TTL owners exist only where extended types are switched on. */
export function ownerKind(high: number, low: number, extendedTypes: boolean): OwnerKind {
  if (high === 0 && low === 0) return OwnerKind.None;
  if (high === CONTAINER_OWNER_HIGH && low === 0) return OwnerKind.Container;
  if (extendedTypes && high >>> 24 === TTL_OWNER_BYTE) return OwnerKind.Ttl;
  return OwnerKind.Session;
}

/** Milliseconds of a TTL owner. */
export function ttlMsOf(high: number, low: number): number {
  return (high & 0xff) * 2 ** 32 + (low >>> 0);
}

/** Sets the stored owner and the one clients see. */
export function setOwner(
  view: DataView,
  at: number,
  high: number,
  low: number,
  extendedTypes: boolean,
): void {
  const visible = ownerKind(high, low, extendedTypes) === OwnerKind.Session;
  view.setInt32(at + Field.Owner, high);
  view.setInt32(at + Field.Owner + 4, low);
  view.setInt32(at + Field.VisibleOwner, visible ? high : 0);
  view.setInt32(at + Field.VisibleOwner + 4, visible ? low : 0);
}

/** Brings the child counter clients see in line with the stored one and the number of children. */
export function refreshVisibleCversion(view: DataView, at: number): void {
  const stored = view.getInt32(at + Field.Cversion);
  const children = view.getInt32(at + Field.NumChildren);
  view.setInt32(at + Field.VisibleCversion, (2 * stored - children) | 0);
}

export function hasFlag(view: DataView, at: number, flag: number): boolean {
  return (view.getUint8(at + Field.Flags) & flag) !== 0;
}

/** Recomputes the digest from the running CRC and the Stat; zero where the node does not count. */
export function refreshDigest(view: DataView, at: number): void {
  if (hasFlag(view, at, Flag.Undigested)) {
    view.setInt32(at + Field.Digest, 0);
    return;
  }
  let crc = view.getInt32(at + Field.DataCrc);
  crc = crc32Extend(crc, view, at + Field.Czxid, at + Field.Ctime);
  crc = crc32Extend(crc, view, at + Field.Pzxid, at + Field.Pzxid + 8);
  crc = crc32Extend(crc, view, at + Field.Ctime, at + Field.VisibleCversion);
  crc = crc32Extend(crc, view, at + Field.Cversion, at + Field.Cversion + 4);
  crc = crc32Extend(crc, view, at + Field.Aversion, at + Field.Aversion + 4);
  crc = crc32Extend(crc, view, at + Field.Owner, at + Field.Owner + 8);
  view.setInt32(at + Field.Digest, crc32Finish(crc) | 0);
}

/** Whether the 64-bit field at `at` is smaller than the given value, both signed. */
export function isLess(view: DataView, at: number, high: number, low: number): boolean {
  const h = view.getInt32(at);
  return h < high || (h === high && view.getUint32(at + 4) < low >>> 0);
}

export function setLong(view: DataView, at: number, high: number, low: number): void {
  view.setInt32(at, high);
  view.setInt32(at + 4, low);
}
