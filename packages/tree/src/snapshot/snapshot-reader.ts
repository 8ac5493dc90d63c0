/**
 * Reads a snapshot in whatever pieces it comes and builds the tree it holds. Whoever wrote it may
 * have done so while the tree changed, so what it says of one node may be newer than what it says of
 * another; the log that follows puts that right.
 *
 * A snapshot is believed only when every seal in it holds. After a failure the tree is worthless.
 *
 * What a leader sends is the middle of a file: no header, no seals, and something else behind it. Of
 * such a stream `end` tells where in the last piece it ended.
 */
import { ADLER32_START, adler32, JuteReader } from '@zabra/wire';
import { skipAcl } from '../acl/acl-list.ts';
import { copied } from '../copied.ts';
import { DIGEST_VERSION } from '../digest.ts';
import { Field, refreshVisibleCversion } from '../record.ts';
import type { SessionTable } from '../sessions/session-table.ts';
import { NO_ROW, type Tree } from '../tree.ts';
import {
  DIGEST_SECTION_BYTES,
  SEAL_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  ZXID_SECTION_BYTES,
} from './format.ts';

export interface SnapshotFacts {
  /** The tree digest when this zxid was the last applied; null where the file has none. */
  readonly digest: { readonly zxid: bigint; readonly high: number; readonly low: number } | null;
  /** Whether a node's access control list is still to come from the log. */
  readonly hasUnknownAcl: boolean;
}

/** A whole file, or what servers send each other. */
export type SnapshotForm = 'file' | 'stream';

type Stage = 'header' | 'sessions' | 'lists' | 'nodes' | 'tail' | 'failed';

const SLASH = 0x2f;
/** A node's access control key and Stat as they stand on disk. */
const NODE_FIXED_BYTES = 8 + 60;

export class SnapshotReader {
  readonly #tree: Tree;
  readonly #sessions: SessionTable;
  readonly #itemBytesMax: number;
  readonly #reader = new JuteReader();
  readonly #form: SnapshotForm;
  #stage: Stage;
  #end: number | null = null;
  #left = -1;
  #rest: Uint8Array = new Uint8Array(0);
  #checksum = ADLER32_START;
  #problem: string | null = null;
  #hasUnknownAcl = false;

  constructor(
    tree: Tree,
    sessions: SessionTable,
    itemBytesMax: number,
    form: SnapshotForm = 'file',
  ) {
    this.#form = form;
    this.#stage = form === 'file' ? 'header' : 'sessions';
    this.#tree = tree;
    this.#sessions = sessions;
    this.#itemBytesMax = itemBytesMax;
  }

  /** How many bytes of the last piece belonged to a stream that is over; null before. */
  get end(): number | null {
    return this.#end;
  }

  /** Takes the next piece; a reason why the snapshot cannot be used, or null. */
  push(piece: Uint8Array): string | null {
    if (this.#stage === 'failed') return this.#problem;
    const restBytes = this.#rest.length;
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const reader = this.#reader.reset(bytes, view, 0, bytes.length);
    let kept = 0;
    while (this.#isReading() && this.#readItem(reader)) kept = reader.position;
    if (this.#form === 'stream' && this.#stage === 'tail') {
      this.#end = kept - restBytes;
      return null;
    }
    this.#checksum = adler32(this.#checksum, bytes, 0, kept);
    this.#rest = copied(bytes, kept, bytes.length);
    if (!this.#isReading()) return this.#problem;
    if (this.#rest.length > this.#itemBytesMax) this.#fail('an item is longer than any may be');
    return this.#problem;
  }

  /** After the end of a stream: whether a node's access control list is still to come. */
  finishStream(): boolean {
    this.#tree.acls.dropUnused();
    return this.#hasUnknownAcl;
  }

  /** After the last piece of a file: what the file said besides, or why it cannot be used. */
  finish(): SnapshotFacts | string {
    if (this.#problem !== null) return this.#problem;
    if (this.#stage !== 'tail') return 'it ends in the middle';
    const bytes = this.#rest;
    const reader = JuteReader.over(bytes);
    if (!this.#checkSeal(reader)) return 'its checksum is wrong';
    const left = reader.remaining;
    const withDigest = left >= DIGEST_SECTION_BYTES + SEAL_BYTES;
    let digest: SnapshotFacts['digest'] = null;
    if (withDigest) {
      const zxid = reader.long();
      const version = reader.int();
      const high = reader.int();
      const low = reader.int();
      if (!this.#checkSection(reader, DIGEST_SECTION_BYTES)) return 'its digest is damaged';
      if (version === DIGEST_VERSION && zxid !== 0n) digest = { zxid, high, low };
    }
    if (reader.remaining > 0) {
      reader.long();
      if (!this.#checkSection(reader, ZXID_SECTION_BYTES)) return 'its last section is damaged';
    }
    if (reader.remaining > 0) return `${reader.remaining} bytes follow its end`;
    this.#tree.acls.dropUnused();
    return { digest, hasUnknownAcl: this.#hasUnknownAcl };
  }

  #isReading(): boolean {
    return this.#stage !== 'tail' && this.#stage !== 'failed';
  }

  /** One item of the current stage; false where more bytes are needed. */
  #readItem(reader: JuteReader): boolean {
    if (this.#stage === 'header') return this.#readHeader(reader);
    if (this.#stage === 'nodes') return this.#readNode(reader);
    return this.#readCounted(reader);
  }

  #readHeader(reader: JuteReader): boolean {
    const magic = reader.int();
    const version = reader.int();
    reader.long();
    if (reader.failed) return false;
    if (magic !== SNAPSHOT_MAGIC) return this.#fail('it does not start as a snapshot does');
    if (version !== SNAPSHOT_VERSION) return this.#fail(`its version is ${version}, not 2`);
    this.#stage = 'sessions';
    return true;
  }

  /** The two lists with a count in front. */
  #readCounted(reader: JuteReader): boolean {
    if (this.#left < 0) {
      const count = reader.int();
      if (reader.failed) return false;
      if (count < 0) return this.#fail('a count in it is negative');
      this.#left = count;
      return true;
    }
    if (this.#left === 0) {
      this.#left = -1;
      this.#stage = this.#stage === 'sessions' ? 'lists' : 'nodes';
      return true;
    }
    const done = this.#stage === 'sessions' ? this.#readSession(reader) : this.#readList(reader);
    if (done) this.#left -= 1;
    return done;
  }

  #readSession(reader: JuteReader): boolean {
    const high = reader.int();
    const low = reader.int();
    const timeoutMs = reader.int();
    if (reader.failed) return false;
    this.#sessions.open(high, low, timeoutMs);
    return true;
  }

  #readList(reader: JuteReader): boolean {
    reader.int();
    const key = reader.int();
    const start = reader.position;
    skipAcl(reader);
    if (reader.failed) return false;
    this.#tree.acls.restore(key, copied(reader.bytes, start, reader.position));
    return true;
  }

  #readNode(reader: JuteReader): boolean {
    const { bytes, view } = reader;
    const pathLength = reader.span();
    const start = reader.spanStart;
    const end = start + pathLength;
    if (pathLength === 1 && bytes[start] === SLASH) {
      this.#stage = 'tail';
      return true;
    }
    const dataLength = reader.span();
    const dataStart = reader.spanStart;
    if (reader.failed || reader.remaining < NODE_FIXED_BYTES) return false;
    if (pathLength < 0) return this.#fail('a node in it has no path');
    const at = reader.position;
    reader.position += NODE_FIXED_BYTES;
    const parent = this.#parentOf(bytes, view, start, end);
    if (parent < 0 && pathLength > 0) return this.#fail('a node in it has no parent');
    if (pathLength === 0 && this.#tree.nodeCount > 0) return this.#fail('it has two roots');
    this.#addNode(parent, bytes, view, start, end, dataStart, dataLength, at);
    return true;
  }

  #parentOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (start === end) return NO_ROW;
    let slash = end - 1;
    while (slash > start && bytes[slash] !== SLASH) slash -= 1;
    return this.#tree.find(bytes, view, start, slash === start ? start + 1 : slash);
  }

  #addNode(
    parent: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    dataStart: number,
    dataLength: number,
    at: number,
  ): void {
    const tree = this.#tree;
    const row = tree.insert(parent, bytes, view, start, end);
    const record = tree.viewOf(row);
    const offset = tree.offsetOf(row);
    tree.setData(row, bytes, view, dataStart, dataLength);
    const aclKey = view.getInt32(at + 4);
    if (!tree.acls.has(aclKey)) {
      this.#hasUnknownAcl = true;
      tree.acls.reserveKey(aclKey);
    }
    tree.setAclKey(row, aclKey);
    // On disk: four longs, version, cversion, aversion, owner, pzxid.
    const stat = at + 8;
    for (let i = 0; i < 32; i += 4) record.setInt32(offset + i, view.getInt32(stat + i));
    record.setInt32(offset + Field.Version, view.getInt32(stat + 32));
    record.setInt32(offset + Field.Cversion, view.getInt32(stat + 36));
    record.setInt32(offset + Field.Aversion, view.getInt32(stat + 40));
    record.setInt32(offset + Field.Pzxid, view.getInt32(stat + 52));
    record.setInt32(offset + Field.Pzxid + 4, view.getInt32(stat + 56));
    tree.setOwner(row, view.getInt32(stat + 44), view.getInt32(stat + 48));
    refreshVisibleCversion(record, offset);
    tree.afterBirth(row);
  }

  #checkSection(reader: JuteReader, byteCount: number): boolean {
    const end = reader.position;
    this.#checksum = adler32(this.#checksum, reader.bytes, end - byteCount, end);
    return this.#checkSeal(reader);
  }

  #checkSeal(reader: JuteReader): boolean {
    const start = reader.position;
    const high = reader.int();
    const low = reader.int() >>> 0;
    const end = reader.span() === 1 && reader.bytes[reader.spanStart] === SLASH;
    const holds = !reader.failed && high === 0 && low === this.#checksum && end;
    // The next seal covers this one as well.
    this.#checksum = adler32(this.#checksum, reader.bytes, start, reader.position);
    return holds;
  }

  #fail(problem: string): boolean {
    this.#stage = 'failed';
    this.#problem ??= problem;
    return false;
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + tail.length);
  all.set(head);
  all.set(tail, head.length);
  return all;
}
