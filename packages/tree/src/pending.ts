/**
 * The tree as it will be once every write prepared so far has been applied. It holds, for each node
 * such a write touches, the node's whole future record; everything else is read from the tree.
 *
 * A node's path is kept by reference into the transaction bytes of the write that touched it last:
 * those bytes stay where they are until that write is applied, and then the node leaves.
 */
import { assert, CRC32_START, crc32Extend } from '@zabra/wire';
import { OPEN_ACL_KEY } from './acl/acl-table.ts';
import { DigestSum } from './digest.ts';
import { Field, Flag, RECORD_BYTES, refreshDigest } from './record.ts';
import { isUndigested } from './reserved-paths.ts';
import { NO_ROW, type Tree } from './tree.ts';

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

class PendingNode {
  readonly record: DataView = new DataView(new ArrayBuffer(RECORD_BYTES));
  exists = false;
  hash = 0;
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** The write that touched it last. */
  zxidHigh = 0;
  zxidLow = 0;
  /** The multi that has saved this node for its undoing. */
  undoMark = 0;
}

/** Where a path leads at the moment of asking: the future record if there is one, else the tree's. */
export class Place {
  bytes: Uint8Array = NO_BYTES;
  pathView: DataView = NO_VIEW;
  start = 0;
  end = 0;
  hash = 0;
  exists = false;
  /** The record, where the node exists. */
  view: DataView = NO_VIEW;
  at = 0;
  row: number = NO_ROW;
  node: PendingNode | null = null;

  field(field: number): number {
    return this.view.getInt32(this.at + field);
  }
}

/** What a node was before a multi touched it first. */
interface Undo {
  readonly node: PendingNode;
  readonly record: Uint8Array;
  readonly exists: boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly zxidHigh: number;
  readonly zxidLow: number;
}

export class Pending {
  /** The tree digest after the last prepared write. */
  readonly digest: DigestSum = new DigestSum();
  readonly #tree: Tree;
  #slots: (PendingNode | null)[] = new Array<PendingNode | null>(64).fill(null);
  #count = 0;
  readonly #pool: PendingNode[] = [];
  /** Touches in zxid order, a ring. */
  #touched: (PendingNode | null)[] = new Array<PendingNode | null>(64).fill(null);
  #touchedZxids = new Int32Array(128);
  #touchedHead = 0;
  #touchedCount = 0;
  #undo: Undo[] | null = null;
  #undoMark = 0;
  readonly #undoDigest = new DigestSum();
  #undoTouchedCount = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.digest.copyFrom(tree.digest);
  }

  get size(): number {
    return this.#count;
  }

  /** Points `place` at the path in bytes[start, end). */
  locate(place: Place, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    place.bytes = bytes;
    place.pathView = view;
    place.start = start;
    place.end = end;
    const hash = this.#tree.hashOf(view, start, end);
    place.hash = hash;
    const node = this.#count === 0 ? null : this.#find(hash, bytes, start, end);
    place.node = node;
    place.row = NO_ROW;
    if (node !== null) {
      place.exists = node.exists;
      place.view = node.record;
      place.at = 0;
      return;
    }
    const row = this.#tree.findHashed(hash, bytes, start, end);
    place.row = row;
    place.exists = row >= 0;
    if (row >= 0) {
      place.view = this.#tree.viewOf(row);
      place.at = this.#tree.offsetOf(row);
    }
  }

  /** Makes the place's record writable for the write with this zxid; `settle` must follow. */
  change(place: Place, zxidHigh: number, zxidLow: number): DataView {
    const node = place.node ?? this.#adopt(place);
    this.#rememberForUndo(node);
    if (node.exists) this.digest.subtract(node.record.getInt32(Field.Digest));
    node.bytes = place.bytes;
    node.start = place.start;
    node.end = place.end;
    if (node.zxidLow !== zxidLow || node.zxidHigh !== zxidHigh) {
      node.zxidHigh = zxidHigh;
      node.zxidLow = zxidLow;
      this.#pushTouched(node, zxidHigh, zxidLow);
    }
    return node.record;
  }

  /** The changed node exists with what its record says. */
  settle(place: Place): void {
    const node = place.node!;
    node.exists = true;
    place.exists = true;
    refreshDigest(node.record, 0);
    this.digest.add(node.record.getInt32(Field.Digest));
  }

  /** The changed node will be gone. */
  settleGone(place: Place): void {
    const node = place.node!;
    this.#tree.acls.release(node.record.getInt32(Field.AclKey));
    node.exists = false;
    place.exists = false;
  }

  /** Starts the record of a node that does not exist yet; after `change`, before `settle`. */
  birth(place: Place, aclKey: number): DataView {
    const { record } = place.node!;
    for (let i = 0; i < RECORD_BYTES; i += 4) record.setInt32(i, 0);
    const reserved = isUndigested(place.bytes, place.start, place.end);
    record.setUint8(Field.Flags, reserved ? Flag.Live | Flag.Undigested : Flag.Live);
    const pathCrc = crc32Extend(CRC32_START, place.pathView, place.start, place.end);
    record.setInt32(Field.PathCrc, pathCrc);
    record.setInt32(Field.DataCrc, pathCrc);
    record.setInt32(Field.AclKey, aclKey);
    this.#tree.acls.retain(aclKey);
    return record;
  }

  /** Gives a changed node another list. */
  setAclKey(place: Place, key: number): void {
    const { record } = place.node!;
    this.#tree.acls.retain(key);
    this.#tree.acls.release(record.getInt32(Field.AclKey));
    record.setInt32(Field.AclKey, key);
  }

  /** Calls `visit` with the path of every future node that this session owns. */
  forEachOwned(
    ownerHigh: number,
    ownerLow: number,
    visit: (bytes: Uint8Array, start: number, end: number) => void,
  ): void {
    if (this.#count === 0) return;
    for (const node of this.#slots) {
      if (node === null || !node.exists) continue;
      if (node.record.getInt32(Field.Owner) !== ownerHigh) continue;
      if (node.record.getInt32(Field.Owner + 4) !== ownerLow) continue;
      visit(node.bytes, node.start, node.end);
    }
  }

  /** Lets go of nodes whose last touching write is at or below this zxid, which was applied. */
  release(zxidHigh: number, zxidLow: number): void {
    while (this.#touchedCount > 0) {
      const head = this.#touchedHead;
      const high = this.#touchedZxids[head * 2]!;
      const low = this.#touchedZxids[head * 2 + 1]!;
      if (high > zxidHigh || (high === zxidHigh && low >>> 0 > zxidLow >>> 0)) return;
      const node = this.#touched[head]!;
      this.#touched[head] = null;
      this.#touchedHead = (head + 1) & (this.#touched.length - 1);
      this.#touchedCount -= 1;
      if (node.zxidHigh === high && node.zxidLow === low) this.#drop(node);
    }
  }

  /** From here on every touch can be taken back, until commitUndo or rollback. */
  beginUndo(): void {
    assert(this.#undo === null, 'multis do not nest');
    this.#undo = [];
    this.#undoMark += 1;
    this.#undoDigest.copyFrom(this.digest);
    this.#undoTouchedCount = this.#touchedCount;
  }

  commitUndo(): void {
    for (const saved of this.#undo!) {
      if (saved.exists) this.#tree.acls.release(aclKeyOf(saved.record));
    }
    this.#undo = null;
  }

  rollback(): void {
    const undo = this.#undo!;
    this.#undo = null;
    while (this.#touchedCount > this.#undoTouchedCount) {
      this.#touchedCount -= 1;
      const tail = (this.#touchedHead + this.#touchedCount) & (this.#touched.length - 1);
      this.#touched[tail] = null;
    }
    for (const saved of undo.reverse()) this.#restore(saved);
    this.digest.copyFrom(this.#undoDigest);
  }

  #restore(saved: Undo): void {
    const { node } = saved;
    if (node.exists) this.#tree.acls.release(node.record.getInt32(Field.AclKey));
    const record = new Uint8Array(node.record.buffer);
    record.set(saved.record);
    node.exists = saved.exists;
    node.bytes = saved.bytes;
    node.start = saved.start;
    node.end = saved.end;
    node.zxidHigh = saved.zxidHigh;
    node.zxidLow = saved.zxidLow;
    // Undoing keeps the reference its saved record held; see #rememberForUndo.
    if (saved.zxidHigh === 0 && saved.zxidLow === 0) this.#drop(node);
  }

  #rememberForUndo(node: PendingNode): void {
    const undo = this.#undo;
    if (undo === null || node.undoMark === this.#undoMark) return;
    node.undoMark = this.#undoMark;
    // The saved record is one more holder of its list, or a multi that replaces it would free it.
    if (node.exists) this.#tree.acls.retain(node.record.getInt32(Field.AclKey));
    undo.push({
      node,
      record: new Uint8Array(node.record.buffer).slice(),
      exists: node.exists,
      bytes: node.bytes,
      start: node.start,
      end: node.end,
      zxidHigh: node.zxidHigh,
      zxidLow: node.zxidLow,
    });
  }

  #adopt(place: Place): PendingNode {
    const node = this.#pool.pop() ?? new PendingNode();
    const { record } = node;
    node.exists = place.exists;
    node.hash = place.hash;
    node.bytes = place.bytes;
    node.start = place.start;
    node.end = place.end;
    node.zxidHigh = 0;
    node.zxidLow = 0;
    if (place.exists) {
      const { view, at } = place;
      for (let i = 0; i < RECORD_BYTES; i += 4) record.setInt32(i, view.getInt32(at + i));
      this.#tree.acls.retain(record.getInt32(Field.AclKey));
    } else {
      record.setInt32(Field.AclKey, OPEN_ACL_KEY);
    }
    this.#insert(node);
    place.node = node;
    place.view = record;
    place.at = 0;
    return node;
  }

  #drop(node: PendingNode): void {
    if (node.exists) this.#tree.acls.release(node.record.getInt32(Field.AclKey));
    this.#remove(node);
    node.bytes = NO_BYTES;
    this.#pool.push(node);
  }

  #pushTouched(node: PendingNode, zxidHigh: number, zxidLow: number): void {
    if (this.#touchedCount === this.#touched.length) this.#growTouched();
    const tail = (this.#touchedHead + this.#touchedCount) & (this.#touched.length - 1);
    this.#touched[tail] = node;
    this.#touchedZxids[tail * 2] = zxidHigh;
    this.#touchedZxids[tail * 2 + 1] = zxidLow;
    this.#touchedCount += 1;
  }

  #growTouched(): void {
    const length = this.#touched.length;
    const touched = new Array<PendingNode | null>(length * 2).fill(null);
    const zxids = new Int32Array(length * 4);
    for (let i = 0; i < length; i += 1) {
      const from = (this.#touchedHead + i) & (length - 1);
      touched[i] = this.#touched[from]!;
      zxids[i * 2] = this.#touchedZxids[from * 2]!;
      zxids[i * 2 + 1] = this.#touchedZxids[from * 2 + 1]!;
    }
    this.#touched = touched;
    this.#touchedZxids = zxids;
    this.#touchedHead = 0;
  }

  #find(hash: number, bytes: Uint8Array, start: number, end: number): PendingNode | null {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const node = slots[i] ?? null;
      if (node === null) return null;
      if (node.hash === hash && isSamePath(node, bytes, start, end)) return node;
    }
  }

  #insert(node: PendingNode): void {
    if ((this.#count + 1) * 2 > this.#slots.length) {
      const slots = this.#slots;
      this.#slots = new Array<PendingNode | null>(slots.length * 2).fill(null);
      for (const old of slots) if (old !== null) this.#place(old);
    }
    this.#place(node);
    this.#count += 1;
  }

  #place(node: PendingNode): void {
    const mask = this.#slots.length - 1;
    let i = node.hash & mask;
    while (this.#slots[i] !== null) i = (i + 1) & mask;
    this.#slots[i] = node;
  }

  #remove(node: PendingNode): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = node.hash & mask;
    while (slots[hole] !== node) hole = (hole + 1) & mask;
    for (let i = (hole + 1) & mask; slots[i] !== null; i = (i + 1) & mask) {
      const home = slots[i]!.hash & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        slots[hole] = slots[i]!;
        hole = i;
      }
    }
    slots[hole] = null;
    this.#count -= 1;
  }
}

function aclKeyOf(record: Uint8Array): number {
  return new DataView(record.buffer).getInt32(Field.AclKey);
}

function isSamePath(node: PendingNode, bytes: Uint8Array, start: number, end: number): boolean {
  if (node.end - node.start !== end - start) return false;
  const own = node.bytes;
  for (let i = end - start - 1; i >= 0; i -= 1) {
    if (own[node.start + i] !== bytes[start + i]) return false;
  }
  return true;
}
