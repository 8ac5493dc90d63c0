/**
 * The nodes: what exists, what it holds and how it hangs together. It knows neither sessions nor
 * requests nor who may do what; `prepare` asks it, `apply` changes it.
 *
 * A node is a row. Its record lies in `pages`, its name and data in `slab`, and a keyed hash of its
 * full path finds it in `index`. Every change of a record goes through `beforeChange` and
 * `afterChange`, which keep the digest and let a running snapshot see the node as it was.
 */
import {
  assert,
  CRC32_START,
  copyBytes,
  crc32Extend,
  decodeUtf8,
  encodeUtf8,
  type JuteWriter,
} from '@zabra/wire';
import type { AclList } from './acl/acl-list.ts';
import { AclTable, OPEN_ACL_KEY } from './acl/acl-table.ts';
import { DigestSum } from './digest.ts';
import { IdMap } from './id-map.ts';
import { type HashKey, hashPath } from './path-hash.ts';
import { PathIndex } from './path-index.ts';
import {
  Field,
  Flag,
  hasFlag,
  OwnerKind,
  ownerKind,
  RECORD_BYTES,
  refreshDigest,
  refreshVisibleCversion,
  setOwner,
} from './record.ts';
import { RecordPages } from './record-pages.ts';
import { isUndigested } from './reserved-paths.ts';
import { Slab } from './slab.ts';

export const ROOT_ROW = 0;
export const NO_ROW = -1;
const SLASH = 0x2f;
const ROOT_VIEW = new DataView(Uint8Array.of(SLASH).buffer);

export interface TreeOptions {
  readonly hashKey: HashKey;
  /** Whether owners with the high byte 0xff are TTL nodes. */
  readonly extendedTypes: boolean;
}

/** Sees every node before it changes, so that a snapshot can be consistent while it is written. */
export interface ChangeWitness {
  beforeChange(row: number): void;
  onBirth(row: number): void;
}

export class Tree {
  readonly pages: RecordPages = new RecordPages(RECORD_BYTES);
  readonly slab: Slab = new Slab();
  readonly acls: AclTable = new AclTable();
  readonly digest: DigestSum = new DigestSum();
  readonly extendedTypes: boolean;
  /** Rows of every session's ephemerals. */
  readonly ephemerals: IdMap<Set<number>> = new IdMap();
  readonly containers: Set<number> = new Set();
  readonly ttlNodes: Set<number> = new Set();
  witness: ChangeWitness | null = null;
  /** The mark of the latest snapshot, running or done. */
  snapshotMark = 0;
  /** The hash of the path looked up last. */
  pathHash = 0;
  nodeCount = 0;
  ephemeralCount = 0;
  /** Bytes of all paths and data. */
  contentBytes = 0;
  readonly #index = new PathIndex();
  readonly #hashKey: HashKey;

  constructor(options: TreeOptions) {
    this.#hashKey = options.hashKey;
    this.extendedTypes = options.extendedTypes;
  }

  hashOf(view: DataView, start: number, end: number): number {
    return hashPath(this.#hashKey, view, start, end);
  }

  /** The row of the path in bytes[start, end), or NO_ROW; the empty path is the root. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    this.pathHash = hashPath(this.#hashKey, view, start, end);
    return this.findHashed(this.pathHash, bytes, start, end);
  }

  findHashed(hash: number, bytes: Uint8Array, start: number, end: number): number {
    if (end - start <= 1 && (end === start || bytes[start] === SLASH)) return this.#root();
    let row = this.#index.first(hash);
    while (row >= 0 && !this.#isPath(row, bytes, start, end)) row = this.#index.next(hash);
    return row;
  }

  /** For tools, tests and rare paths; requests are looked up where their bytes lie. */
  findPath(path: string): number {
    const bytes = encodeUtf8(path);
    return this.find(
      bytes,
      new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      0,
      bytes.length,
    );
  }

  viewOf(row: number): DataView {
    return this.pages.viewOf(row);
  }

  offsetOf(row: number): number {
    return this.pages.offsetOf(row);
  }

  field(row: number, field: number): number {
    return this.pages.viewOf(row).getInt32(this.pages.offsetOf(row) + field);
  }

  /** The stored owner's two halves. */
  ownerOf(row: number): { readonly high: number; readonly low: number } {
    return { high: this.field(row, Field.Owner), low: this.field(row, Field.Owner + 4) };
  }

  /** False for a node of a snapshot whose list has not come from the log yet. */
  hasKnownAcl(row: number): boolean {
    return this.acls.has(this.field(row, Field.AclKey));
  }

  aclOf(row: number): AclList {
    return this.acls.of(this.field(row, Field.AclKey));
  }

  /** The path as a string; the root is "/". */
  pathOf(row: number): string {
    if (row === ROOT_ROW) return '/';
    let path = '';
    for (let at = row; at !== ROOT_ROW; at = this.field(at, Field.Parent)) {
      path = `/${this.nameOf(at)}${path}`;
    }
    return path;
  }

  nameOf(row: number): string {
    const handle = this.field(row, Field.NameHandle);
    const length = this.field(row, Field.NameLength);
    if (length === 0) return '';
    const offset = this.slab.offsetOf(handle);
    return decodeUtf8(this.slab.bytesOf(handle).subarray(offset, offset + length));
  }

  /** Length in bytes of the path as the log and clients write it. */
  pathLength(row: number): number {
    if (row === ROOT_ROW) return 1;
    let length = 0;
    for (let at = row; at !== ROOT_ROW; at = this.field(at, Field.Parent)) {
      length += 1 + this.field(at, Field.NameLength);
    }
    return length;
  }

  /** Writes the path's bytes, without a length, from its end backwards. */
  writePath(row: number, writer: JuteWriter): void {
    const length = this.pathLength(row);
    writer.reserve(length);
    let end = writer.position + length;
    writer.position = end;
    if (row === ROOT_ROW) {
      writer.bytes[end - 1] = SLASH;
      return;
    }
    for (let at = row; at !== ROOT_ROW; at = this.field(at, Field.Parent)) {
      const nameLength = this.field(at, Field.NameLength);
      const handle = this.field(at, Field.NameHandle);
      end -= nameLength;
      copyBytes(
        this.slab.bytesOf(handle),
        this.slab.viewOf(handle),
        this.slab.offsetOf(handle),
        writer.bytes,
        writer.view,
        end,
        nameLength,
      );
      end -= 1;
      writer.bytes[end] = SLASH;
    }
  }

  /** A copy of the data; null where the node holds null. */
  dataOf(row: number): Uint8Array | null {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    if (hasFlag(view, at, Flag.NullData)) return null;
    const length = view.getInt32(at + Field.DataLength);
    if (length === 0) return new Uint8Array(0);
    const handle = view.getInt32(at + Field.DataHandle);
    const offset = this.slab.offsetOf(handle);
    return this.slab.bytesOf(handle).slice(offset, offset + length);
  }

  /** Writes the data as a jute buffer. */
  writeData(row: number, writer: JuteWriter): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    const length = view.getInt32(at + Field.DataLength);
    if (length === 0) {
      writer.int(hasFlag(view, at, Flag.NullData) ? -1 : 0);
      return;
    }
    const handle = view.getInt32(at + Field.DataHandle);
    const slab = this.slab;
    writer.span(slab.bytesOf(handle), slab.viewOf(handle), slab.offsetOf(handle), length);
  }

  /** Calls `visit` for every child; the children must not change meanwhile. */
  forEachChild(row: number, visit: (child: number) => void): void {
    let child = this.field(row, Field.FirstChild) - 1;
    while (child >= 0) {
      visit(child);
      child = this.field(child, Field.NextSibling) - 1;
    }
  }

  /**
   * Adds a node under `parent` with the path in bytes[start, end). Its record is empty but for its
   * place; the caller fills it in and then calls `afterBirth`.
   */
  insert(parent: number, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const isRoot = parent === NO_ROW;
    // The root's path is empty on disk and in the digest, but watches know it as "/".
    const hash = isRoot ? this.hashOf(ROOT_VIEW, 0, 1) : this.hashOf(view, start, end);
    const row = this.pages.allocate();
    const record = this.viewOf(row);
    const at = this.offsetOf(row);
    record.setInt32(at + Field.PathHash, hash);
    record.setInt32(at + Field.PathCrc, crc32Extend(CRC32_START, view, start, end));
    record.setInt32(at + Field.DataCrc, record.getInt32(at + Field.PathCrc));
    record.setInt32(at + Field.Parent, isRoot ? ROOT_ROW : parent);
    record.setInt32(at + Field.AclKey, OPEN_ACL_KEY);
    let flags: number = Flag.Live | Flag.NullData;
    if (!isRoot) {
      const parentView = this.viewOf(parent);
      const parentAt = this.offsetOf(parent);
      if (isUndigested(bytes, start, end)) flags |= Flag.Undigested;
      const nameStart = start + this.#parentPathLength(bytes, start, end);
      const nameLength = end - nameStart;
      record.setInt32(at + Field.NameLength, nameLength);
      record.setInt32(at + Field.NameHandle, this.slab.store(bytes, view, nameStart, nameLength));
      this.#link(row, record, at, parent, parentView, parentAt);
      this.#index.insert(hash, row);
      this.#addDescendants(parent, 1);
      this.contentBytes += end - start;
    }
    record.setUint8(at + Field.Flags, flags);
    this.nodeCount += 1;
    return row;
  }

  /** Completes a birth: the node joins the digest, and its owner's list. */
  afterBirth(row: number): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    refreshVisibleCversion(view, at);
    refreshDigest(view, at);
    this.digest.add(view.getInt32(at + Field.Digest));
    this.#enlist(row, view, at);
    if (this.witness !== null) this.witness.onBirth(row);
  }

  /** Takes out a childless node. The parent's Stat is the caller's business. */
  remove(row: number): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    assert(view.getInt32(at + Field.FirstChild) === 0, 'a removed node has no children');
    assert(row !== ROOT_ROW, 'the root is never removed');
    this.beforeChange(row);
    const parent = view.getInt32(at + Field.Parent);
    this.contentBytes -= this.pathLength(row) + view.getInt32(at + Field.DataLength);
    this.#delist(row, view, at);
    this.#unlink(view, at, parent);
    this.#index.remove(view.getInt32(at + Field.PathHash), row);
    this.#addDescendants(parent, -1);
    this.slab.release(view.getInt32(at + Field.NameHandle), view.getInt32(at + Field.NameLength));
    this.#releaseData(view, at);
    this.acls.release(view.getInt32(at + Field.AclKey));
    this.pages.release(row);
    this.nodeCount -= 1;
  }

  /** Must precede every change of a record; takes the node out of the digest. */
  beforeChange(row: number): void {
    if (this.witness !== null) this.witness.beforeChange(row);
    this.digest.subtract(this.field(row, Field.Digest));
  }

  /** Must follow every change of a record; puts the node back into the digest. */
  afterChange(row: number): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    refreshDigest(view, at);
    this.digest.add(view.getInt32(at + Field.Digest));
  }

  /** Replaces the data, a negative count meaning null; between beforeChange and afterChange. */
  setData(
    row: number,
    source: Uint8Array,
    sourceView: DataView,
    start: number,
    count: number,
  ): void {
    const view = this.viewOf(row);
    const at = this.offsetOf(row);
    const before = view.getInt32(at + Field.DataLength);
    const after = Math.max(count, 0);
    if (after > 0 && before > 0 && this.slab.sameRoom(before, after)) {
      this.slab.write(view.getInt32(at + Field.DataHandle), source, sourceView, start, after);
    } else {
      this.#releaseData(view, at);
      if (after > 0) {
        view.setInt32(at + Field.DataHandle, this.slab.store(source, sourceView, start, after));
      }
    }
    view.setInt32(at + Field.DataLength, after);
    const flags = view.getUint8(at + Field.Flags) & ~Flag.NullData;
    view.setUint8(at + Field.Flags, count < 0 ? flags | Flag.NullData : flags);
    const pathCrc = view.getInt32(at + Field.PathCrc);
    const crc = after > 0 ? crc32Extend(pathCrc, sourceView, start, start + after) : pathCrc;
    view.setInt32(at + Field.DataCrc, crc);
    this.contentBytes += after - before;
  }

  /** Gives the node another list; between beforeChange and afterChange. */
  setAclKey(row: number, key: number): void {
    this.acls.retain(key);
    this.acls.release(this.field(row, Field.AclKey));
    this.viewOf(row).setInt32(this.offsetOf(row) + Field.AclKey, key);
  }

  /** Sets who owns a node that is being born; after that its owner never changes. */
  setOwner(row: number, high: number, low: number): void {
    setOwner(this.viewOf(row), this.offsetOf(row), high, low, this.extendedTypes);
  }

  #root(): number {
    return this.nodeCount === 0 ? NO_ROW : ROOT_ROW;
  }

  /** Compares names from the last to the first, walking up the parents. */
  #isPath(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = row;
    let nameEnd = end;
    while (at !== ROOT_ROW) {
      const view = this.viewOf(at);
      const offset = this.offsetOf(at);
      const length = view.getInt32(offset + Field.NameLength);
      const nameStart = nameEnd - length;
      if (nameStart <= start || bytes[nameStart - 1] !== SLASH) return false;
      const handle = view.getInt32(offset + Field.NameHandle);
      const names = this.slab.bytesOf(handle);
      const nameAt = this.slab.offsetOf(handle);
      for (let i = 0; i < length; i += 1) {
        if (names[nameAt + i] !== bytes[nameStart + i]) return false;
      }
      nameEnd = nameStart - 1;
      at = view.getInt32(offset + Field.Parent);
    }
    return nameEnd === start;
  }

  /** Bytes up to and including the last slash. */
  #parentPathLength(bytes: Uint8Array, start: number, end: number): number {
    let i = end;
    while (i > start && bytes[i - 1] !== SLASH) i -= 1;
    return i - start;
  }

  /** Sibling links hold row + 1, so that a record of zeros has no links. */
  #link(
    row: number,
    view: DataView,
    at: number,
    parent: number,
    parentView: DataView,
    parentAt: number,
  ): void {
    const first = parentView.getInt32(parentAt + Field.FirstChild);
    view.setInt32(at + Field.Parent, parent);
    view.setInt32(at + Field.NextSibling, first);
    if (first !== 0) {
      this.viewOf(first - 1).setInt32(this.offsetOf(first - 1) + Field.PreviousSibling, row + 1);
    }
    parentView.setInt32(parentAt + Field.FirstChild, row + 1);
    const children = parentView.getInt32(parentAt + Field.NumChildren) + 1;
    parentView.setInt32(parentAt + Field.NumChildren, children);
    refreshVisibleCversion(parentView, parentAt);
  }

  #unlink(view: DataView, at: number, parent: number): void {
    const next = view.getInt32(at + Field.NextSibling);
    const previous = view.getInt32(at + Field.PreviousSibling);
    const parentView = this.viewOf(parent);
    const parentAt = this.offsetOf(parent);
    if (next !== 0) {
      this.viewOf(next - 1).setInt32(this.offsetOf(next - 1) + Field.PreviousSibling, previous);
    }
    if (previous !== 0) {
      this.viewOf(previous - 1).setInt32(this.offsetOf(previous - 1) + Field.NextSibling, next);
    } else {
      parentView.setInt32(parentAt + Field.FirstChild, next);
    }
    const children = parentView.getInt32(parentAt + Field.NumChildren) - 1;
    parentView.setInt32(parentAt + Field.NumChildren, children);
    refreshVisibleCversion(parentView, parentAt);
  }

  #addDescendants(parent: number, change: number): void {
    for (let row = parent; ; row = this.field(row, Field.Parent)) {
      const view = this.viewOf(row);
      const at = this.offsetOf(row) + Field.Descendants;
      view.setInt32(at, view.getInt32(at) + change);
      if (row === ROOT_ROW) return;
    }
  }

  #releaseData(view: DataView, at: number): void {
    const length = view.getInt32(at + Field.DataLength);
    if (length > 0) this.slab.release(view.getInt32(at + Field.DataHandle), length);
  }

  #enlist(row: number, view: DataView, at: number): void {
    const high = view.getInt32(at + Field.Owner);
    const low = view.getInt32(at + Field.Owner + 4);
    const kind = ownerKind(high, low, this.extendedTypes);
    if (kind === OwnerKind.None) return;
    if (kind === OwnerKind.Container) this.containers.add(row);
    else if (kind === OwnerKind.Ttl) this.ttlNodes.add(row);
    else {
      let rows = this.ephemerals.get(high, low);
      if (rows === undefined) {
        rows = new Set();
        this.ephemerals.set(high, low, rows);
      }
      rows.add(row);
      this.ephemeralCount += 1;
    }
  }

  #delist(row: number, view: DataView, at: number): void {
    const high = view.getInt32(at + Field.Owner);
    const low = view.getInt32(at + Field.Owner + 4);
    const kind = ownerKind(high, low, this.extendedTypes);
    if (kind === OwnerKind.Container) this.containers.delete(row);
    else if (kind === OwnerKind.Ttl) this.ttlNodes.delete(row);
    else if (kind === OwnerKind.Session) {
      const rows = this.ephemerals.get(high, low);
      rows?.delete(row);
      if (rows !== undefined && rows.size === 0) this.ephemerals.delete(high, low);
      this.ephemeralCount -= 1;
    }
  }
}
